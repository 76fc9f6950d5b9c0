"""What a lab lost of a time is taken off it, in the part of it that is asked for."""

import pytest

from harness.journal.entry import Entry
from harness.journal.facts import LabLagged
from harness.world.told.lag import Lag


def lagging(*spans: tuple[float, float, float]) -> Lag:
    lag = Lag()
    for number, (since, at, lost) in enumerate(spans):
        fact = LabLagged(lost_seconds=lost)
        lag.add(Entry(number, since, at, fact), fact)
    return lag


def test_a_lab_that_tells_nothing_keeps_pace():
    assert lagging().kept(10.0, 25.0) == 15.0


@pytest.mark.parametrize(
    ("since", "until", "kept"),
    [
        (0.0, 10.0, 10.0),
        (10.0, 20.0, 4.0),
        (10.0, 15.0, 2.0),
        (15.0, 30.0, 12.0),
        (20.0, 40.0, 20.0),
        (0.0, float("inf"), float("inf")),
    ],
)
def test_of_a_part_of_a_slow_time_the_same_share_is_lost(since: float, until: float, kept: float):
    assert lagging((10.0, 20.0, 6.0)).kept(since, until) == pytest.approx(kept)


def test_times_that_overlap_are_not_lost_twice():
    assert lagging((0.0, 10.0, 10.0), (5.0, 15.0, 10.0)).kept(0.0, 15.0) == pytest.approx(0.0)


def test_nothing_can_lose_more_than_there_was():
    assert lagging((0.0, 10.0, 99.0)).kept(0.0, 12.0) == pytest.approx(2.0)


@pytest.mark.parametrize(("lost", "kept"), [(-3.0, 10.0), (0.0, 10.0), (4.0, 6.0), (99.0, 0.0)])
def test_a_lab_loses_no_less_than_nothing_and_no_more_than_all(lost: float, kept: float):
    assert lagging((10.0, 20.0, lost)).kept(10.0, 20.0) == pytest.approx(kept)


@pytest.mark.parametrize(
    ("second", "until", "kept"), [((5.0, 10.0, 5.0), 10.0, 10.0), ((5.0, 9.0, 4.0), 10.0, 10.0), ((8.0, 20.0, 5.0), 20.0, 15.0)]
)
def test_of_a_time_that_was_told_before_nothing_is_told_again(second: tuple[float, float, float], until: float, kept: float):
    assert lagging((0.0, 10.0, 0.0), second).kept(0.0, until) == pytest.approx(kept)
