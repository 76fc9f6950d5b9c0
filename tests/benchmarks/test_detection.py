"""The detection table: a slice of it, what it is held against, and that it goes red when the judge or the sight is wrong."""

import asyncio
from importlib import import_module

import pytest

from benchmarks import figures
from benchmarks.detection.bmcs.redfish import redfish
from benchmarks.detection.bmcs.server import shows_off
from benchmarks.detection.clock import Stage, VirtualLoop
from benchmarks.detection.outcomes import play_all
from benchmarks.detection.story import DISTURBANCES, KINDS, SUBJECTS, windows
from benchmarks.detection.table import faults
from benchmarks.detection.window import play
from bmc import witness
from bmc.witness import comparison
from harness.checks import bmc_untouched
from harness.sight import bmc as sight
from harness.world.bmc import evidence as bmc_evidence
from harness.world.bmc import readings as bmc_readings

RESETS, QUIET, SEED = 1008, 1008, 1
ALL = windows(RESETS, QUIET, SEED)
REDFISH = [window for window in ALL if window.subject.protocol == "redfish"]
BLOCK = len(SUBJECTS)
FAMILIES = {each.name: each for each in witness.FAMILIES}


def a_reset_of_each():
    """A window for each subject and, over them, each kind of reset."""
    return [ALL[place * BLOCK + number] for number in range(BLOCK) for place in [number % len(KINDS)]]


def a_quiet_of_each():
    """A window for each trouble, with one subject after the other."""
    return [ALL[RESETS + place * BLOCK + place % BLOCK] for place in range(len(DISTURBANCES))]


def with_trouble(all_windows, *kinds, subjects=()):
    """Those in which one of these troubles happens, to one of these subjects."""
    return [
        window
        for window in all_windows
        if any(each.kind in kinds for each in window.disturbances) and (not subjects or window.subject.name in subjects)
    ]


def hidden_in(*kinds, subject, to_the_end=False):
    """Warm resets of a subject while it is dark with such a trouble; over some draws, for there are few in each."""
    return [
        window
        for seed in range(SEED, SEED + 12)
        for window in windows(RESETS, 0, seed)
        if window.subject.name == subject and window.reset.kind == "warm"
        for each in window.disturbances
        if each.kind in kinds and each.at < window.reset.at < each.at + each.seconds - 11
        if to_the_end == (each.at + each.seconds > window.seconds + 16)
    ]


def test_the_slice_is_of_each_subject_kind_and_trouble():
    assert {window.subject.name for window in a_reset_of_each()} == {subject.name for subject in SUBJECTS}
    assert {window.reset.kind for window in a_reset_of_each()} == set(KINDS)
    assert {each.kind for window in a_quiet_of_each() for each in window.disturbances} == set(DISTURBANCES)


@pytest.mark.timeout(600)
def test_no_reset_is_passed_over_and_no_alarm_is_false():
    results = play_all(a_reset_of_each() + a_quiet_of_each())

    assert faults(results) == []
    assert {each.verdict for each in results} == {"pass", "fail", "unknown"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_reset_is_passed_over_and_no_alarm_is_false_in_another_draw():
    assert faults(play_all(windows(4 * BLOCK * 2, len(DISTURBANCES) * BLOCK, SEED + 1))) == []


def test_the_same_seed_draws_the_same_windows():
    assert windows(60, 60, 7) == windows(60, 60, 7)
    assert windows(60, 60, 7) != windows(60, 60, 8)


def test_what_pollers_are_reckoned_to_see_is_what_the_bmc_says():
    (window, *_) = [each for each in REDFISH if each.reset and each.reset.kind == "cycle" and each.reset.off_seconds > 10]
    loop = VirtualLoop()

    async def compare():
        stage = Stage(loop)
        async with redfish(stage, window) as subject:
            await stage.play(subject.ask())
            said = []
            for _ in range(60):
                await stage.loop.advance(stage.now() + window.reset.off_seconds / 20)
                reading = await stage.play(subject.observer.read())
                said.append((reading.power, stage.now()))
            return said, subject.server.changes

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        said, changes = runner.run(compare())
    assert {power for power, _ in said} == {"On", "Off"}
    assert [power == "Off" for power, _ in said] == [shows_off(changes, at) for _, at in said]


@pytest.mark.parametrize("subject", [each for each in SUBJECTS if each.name in FAMILIES], ids=lambda each: each.name)
def test_the_table_owes_what_the_family_promises(subject):
    assert frozenset().union(*FAMILIES[subject.name].latches.values()) == subject.latches


# The faults that are planted here, in the judge and in the sight, are the only patches of modules in all the tests: what they break is
# no setting of anybody's, so it cannot be handed in.


def _lost_is_a_proof(monkeypatch):
    monkeypatch.setattr(bmc_readings.Readings, "unusable_signals", property(lambda _self: set()))


def _power_that_went_off_proves_a_warm_reset_too(monkeypatch):
    monkeypatch.setattr(bmc_evidence, "EVERY_RESET", frozenset({"cold"}))


def _any_last_reading_will_do(monkeypatch):
    def unlatched(world, host, record, _until):
        doubts = bmc_evidence.doubted(bmc_evidence.reads_of(world, host), host.since)
        return None if any(not doubt for doubt in doubts.values()) else record

    monkeypatch.setattr(bmc_untouched, "unlatched", unlatched)


def _a_hole_in_the_record_is_no_hole(monkeypatch):
    monkeypatch.setattr(sight._SightState, "missed", lambda _self, _sent, _error: None)


def _times_are_never_held_against_a_clock(monkeypatch):
    monkeypatch.setattr(comparison, "clock_jump", lambda _before, _after: 0.0)


def _counters_that_fell_are_resets(monkeypatch):
    monkeypatch.setattr(
        witness, "of_reset_counter", lambda before, after: "unchanged" if before.value == after.value else "reset"
    )


def _empty_times_are_evidence(monkeypatch):
    # By its name, because a function of the package hides the module.
    monkeypatch.setattr(import_module("bmc.witness.family"), "_FIRST_CREDIBLE_YEAR", 0)


def _every_second_is_told(monkeypatch):
    monkeypatch.setattr(sight, "differ", lambda _before, _after: True)


PLANTED = [
    (
        "a move of LastResetTime is nothing",
        lambda patch: patch.setattr(witness, "indicates_reset", lambda name: "LastResetTime" not in name and "Count" not in name),
        [window for window in ALL[:RESETS] if window.subject.name == "dell"],
        "NOT FOUND",
    ),
    (
        "a huge tolerance",
        lambda patch: [patch.setattr(module, "TOLERANCE_SECONDS", 1e9) for module in (comparison, witness)],
        [window for window in ALL[:RESETS] if window.subject.name == "dell"],
        "NOT FOUND",
    ),
    (
        "a witness that was lost is a proof",
        _lost_is_a_proof,
        hidden_in("BMC reboot, counters lost", subject="lenovo"),
        "PASSED OVER",
    ),
    (
        "a cold witness proves a warm reset",
        _power_that_went_off_proves_a_warm_reset_too,
        [window for window in ALL[:RESETS] if window.subject.name == "openbmc" and window.reset.kind == "warm"],
        "PASSED OVER",
    ),
    (
        "any last reading will do",
        _any_last_reading_will_do,
        hidden_in("silence", "503", "BMC reboot", subject="lenovo", to_the_end=True),
        "PASSED OVER",
    ),
    (
        "a hole in the record is no hole",
        _a_hole_in_the_record_is_no_hole,
        with_trouble(ALL[:RESETS], "log cleared", "BMC reboot", subjects=("logged",)),
        "PASSED OVER",
    ),
    (
        "no clock is asked",
        _times_are_never_held_against_a_clock,
        with_trouble(ALL[RESETS:], "clock jump, times moved", subjects=("dell", "openbmc", "ami")),
        "FALSE ALARM",
    ),
    (
        "a counter that fell is a reset",
        _counters_that_fell_are_resets,
        with_trouble(ALL[RESETS:], "BMC reboot, counters lost", subjects=("lenovo",)),
        "FALSE ALARM",
    ),
    (
        "1970 is evidence",
        _empty_times_are_evidence,
        with_trouble(ALL[RESETS:], "BMC reboot", subjects=("dell",)),
        "FALSE ALARM",
    ),
    (
        "nothing is ever proven",
        lambda patch: patch.setattr(bmc_untouched, "unproven", lambda _world, _host: bmc_untouched.NotCovered("", ())),
        a_quiet_of_each(),
        "NOT PROVEN",
    ),
    (
        "every reading is told",
        _every_second_is_told,
        a_quiet_of_each(),
        "FLOOD",
    ),
]


def faults_up_to(chosen, fault):
    """The faults of these windows, played until there is such a one."""
    loop = VirtualLoop()

    async def playing():
        stage, found = Stage(loop), []
        for window in chosen:
            found += faults([await play(stage, window, None)])
            if any(each.startswith(fault) for each in found):
                break
        return found

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(playing())


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("plant", "chosen", "fault"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED])
def test_the_table_goes_red(plant, chosen, fault, monkeypatch):
    plant(monkeypatch)
    found = faults_up_to([window for window in chosen if window.subject.protocol == "redfish"], fault)

    assert any(each.startswith(fault) for each in found), found


def test_the_page_shows_the_families_as_they_are():
    page = figures.PAGE.read_text(encoding="utf-8")

    assert figures.written(page, figures.blocks_of_families()) == page


def test_a_block_without_a_place_is_refused():
    with pytest.raises(ValueError, match="<!-- begin nowhere -->"):
        figures.written("", {"nowhere": []})
