"""What was covered until when, and why not; and what a sight that could not begin means for what is asked of it."""

from typing import Any

import pytest

from harness.journal.entry import Entry
from harness.journal.facts import ProbeSeen, SightBegan, SightEnded, SightLost, SightRegained
from harness.world.coverage import Coverage, SightKey
from tests.checks.history import Story

WIDGETS = SightKey("kube", "source", "Widget.example.com")
WHERE = {"cluster": "source", "kind": "Widget.example.com"}


def refused() -> Story:
    story = Story()
    story.tell(SightLost(sight="kube", says="403 Forbidden", **WHERE))
    return story


def test_a_sight_that_could_not_begin_is_none_and_tells_why():
    coverage = refused().world().coverage
    assert not coverage.began(WIDGETS)
    blind = coverage.not_covered(WIDGETS, needed_from=100.0, final=False)
    assert blind is not None
    assert blind.says == "there was no sight on the API server of source Widget.example.com (403 Forbidden)"


def test_a_sight_that_begins_after_all_began_late_and_has_no_gap():
    story = refused()
    began = story.tell(SightBegan(sight="kube", **WHERE)).at
    coverage = story.world().coverage
    assert coverage.not_covered(WIDGETS, needed_from=began + 1, final=False) is None
    late = coverage.not_covered(WIDGETS, needed_from=began - 1, final=False)
    assert late is not None
    assert "began only at" in late.says


def test_a_kind_that_was_not_served_is_seen_from_its_first_moment_that_was_looked_at():
    story = Story()
    story.tell(SightBegan(sight="kube", **WHERE))
    story.tell(SightLost(sight="kube", says="not served until now", **WHERE))
    assert story.world(final=False).coverage.not_covered(WIDGETS, needed_from=100.0, final=False)
    began = story.tell(SightRegained(sight="kube", complete=False, begins=True, **WHERE)).at
    coverage = story.world().coverage

    assert coverage.not_covered(WIDGETS, needed_from=began + 1, final=False) is None
    late = coverage.not_covered(WIDGETS, needed_from=began - 1, final=False)
    assert late is not None
    assert "began only at" in late.says


def test_in_a_move_or_where_nobody_knows_of_one_the_first_moments_of_a_kind_are_a_gap():
    for story in (Story().begins_move(), Story(mode="watch")):
        story.tell(SightBegan(sight="kube", **WHERE))
        story.tell(SightLost(sight="kube", says="not served until now", **WHERE))
        began = story.tell(SightRegained(sight="kube", complete=False, begins=True, **WHERE)).at
        blind = story.world().coverage.not_covered(WIDGETS, needed_from=began + 1, final=False)
        assert blind is not None
        assert "was lost from" in blind.says


def test_a_watch_of_a_kind_whose_group_is_not_told_is_one_of_that_kind_in_any_group():
    story = Story().sees("kube", cluster="source", kind="Widget").sees("kube", cluster="source", kind="IPAddress")
    covered = story.world().coverage
    assert covered.began(WIDGETS)
    assert not covered.began(SightKey("kube", "source", "IPAddress.ipam.cluster.x-k8s.io"))


def probed(*answers: bool) -> str:
    """Why the API server of the target was not seen whole, after these probes of it; empty where it was."""
    story = Story().sees("kube", cluster="target", kind="Machine")
    for ok in answers:
        fact = ProbeSeen(vantage="target", what="kube", address="https://x", ok=ok, layer="tcp", says="" if ok else "refused")
        story.tell(fact)
    blind = story.ends().world().not_covered(SightKey("kube", "target", "Machine"))
    return blind.says if blind else ""


def test_an_api_server_that_is_not_reached_at_the_end_is_not_seen():
    assert "it was not reached any more, tcp: refused" in probed(True, False)
    assert "it was not reached any more" in probed(False)
    assert probed(True) == ""


def test_an_api_server_that_is_reached_again_was_seen_as_its_watches_tell():
    assert probed(True, False, True) == ""
    assert "was lost" in probed(False, True, False)


def test_a_probe_of_another_side_or_of_something_else_blinds_nothing():
    story = Story().sees("kube", cluster="target", kind="Machine")
    story.tell(ProbeSeen(vantage="source", what="kube", address="https://x", ok=False, layer="tcp"))
    story.tell(ProbeSeen(vantage="target", what="image", address="https://x", ok=False, layer="tcp"))
    assert story.ends().world().not_covered(SightKey("kube", "target", "Machine")) is None


KUBE = SightKey("kube", "source", "Machine")


def told(*said: tuple[float, type, dict[str, Any]]) -> Coverage:
    """A coverage of which these facts were told, each at its time; of the kind's own sight where none is named."""
    coverage = Coverage()
    for number, (at, fact, more) in enumerate(said, 1):
        where = {"sight": "kube", "cluster": "source", "kind": "Machine"} | more
        made = fact(**where)
        coverage.add(Entry(number, at - 0.5, at, made), made)
    return coverage


BEGAN, LOST, AGAIN, ENDED = SightBegan, SightLost, SightRegained, SightEnded
WHOLE, HALF = {"complete": True}, {"complete": False}
NAME = "sight on the API server of source Machine"
COVERED: dict[str, tuple[list[Any], dict[str, Any], str | None, tuple[int, ...]]] = {
    "whole": ([(1, BEGAN, {}), (9, ENDED, WHOLE)], {"needed_until": 9.0}, None, ()),
    "not told of": ([], {}, f"there was no {NAME}", ()),
    "refused": ([(1, LOST, {"says": "no right"})], {}, f"there was no {NAME} (no right)", (1,)),
    "of another kind": ([(1, BEGAN, {"kind": "Cluster"})], {}, f"there was no {NAME}", ()),
    "of every kind": ([(1, BEGAN, {"kind": ""}), (9, ENDED, WHOLE | {"kind": ""})], {}, None, ()),
    "began in time": ([(1, BEGAN, {}), (9, ENDED, WHOLE)], {"needed_from": 1.0}, None, ()),
    "began late": ([(1, BEGAN, {}), (9, ENDED, WHOLE)], {"needed_from": 0.9}, f"{NAME} began only at 1.0 s", (1,)),
    "began in the move": (
        [(1, BEGAN, {}), (9, ENDED, WHOLE)],
        {"needed_from": -1.0},
        f"{NAME} began only at 1.0 s, when the move had begun already: what was before was not seen",
        (1,),
    ),
    "the first of two counts": ([(1, BEGAN, {}), (2, BEGAN, {"kind": ""}), (9, ENDED, WHOLE), (9, ENDED, WHOLE | {"kind": ""})],
                                {"needed_from": 1.0}, None, ()),
    "no last look": ([(1, BEGAN, {}), (9, ENDED, HALF)], {}, f"{NAME} did not end with a complete look", (2,)),
    "no end": ([(1, BEGAN, {})], {}, f"{NAME} did not end with a complete look", ()),
    "no end yet": ([(1, BEGAN, {})], {"final": False}, None, ()),
    "ended early": (
        [(1, BEGAN, {}), (9, ENDED, WHOLE)], {"needed_until": 9.1}, f"{NAME} ended at 9.0 s, and was needed until 9.1 s", (2,)),
    "a second end": ([(1, BEGAN, {}), (9, ENDED, WHOLE), (10, ENDED, HALF)], {}, None, ()),
    "lost, and seen again": ([(1, BEGAN, {}), (3, LOST, {}), (4, AGAIN, WHOLE), (9, ENDED, WHOLE)], {}, None, ()),
    "lost, and something missed": (
        [(1, BEGAN, {}), (3, LOST, {"says": "cut"}), (3.5, LOST, {"says": "cut again"}), (4, AGAIN, HALF), (9, ENDED, WHOLE)],
        {}, f"{NAME} was lost from 2.5 s to 4.0 s (cut)", (2, 4)),
    "lost for good": ([(1, BEGAN, {}), (3, LOST, {})], {}, f"{NAME} was lost from 2.5 s to the end", (2,)),
    "regained, though never lost": ([(1, BEGAN, {}), (4, AGAIN, HALF | {"says": "a hole"}), (9, ENDED, WHOLE)],
                                    {}, f"{NAME} was lost from 3.5 s to 4.0 s (a hole)", (2,)),
    "ended, and began again": ([(1, BEGAN, {}), (3, ENDED, WHOLE), (5, BEGAN, {}), (9, ENDED, WHOLE)],
                               {}, f"{NAME} was lost from 3.0 s to 5.0 s (it had ended, and began again)", (2, 3)),
    "told impossible, and began": ([(1, LOST, {"says": "x"}), (2, BEGAN, {}), (9, ENDED, WHOLE)], {"needed_from": 2.0}, None, ()),
}  # fmt: skip


@pytest.mark.parametrize(("said", "needed", "says", "evidence"), COVERED.values(), ids=COVERED)
def test_what_was_covered_and_why_not(said, needed, says, evidence):
    blind = told(*said).not_covered(KUBE, **({"needed_from": 5.0, "final": True} | needed))

    assert (blind.says if blind else None, blind.evidence if blind else ()) == (says, evidence)


def test_of_many_gaps_the_first_three_are_told_in_order_and_all_are_shown():
    holes = [(at, fact, {} if fact is LOST else HALF) for at in (30, 10, 20, 40) for at, fact in ((at, LOST), (at + 1, AGAIN))]
    blind = told((1, BEGAN, {}), *holes).not_covered(KUBE, needed_from=1.0, final=False)

    assert blind is not None
    assert [it for it in ("9.5 s", "19.5 s", "29.5 s", "39.5 s") if it in blind.says] == ["9.5 s", "19.5 s", "29.5 s"]
    assert blind.evidence == (4, 5, 6, 7, 2, 3, 8, 9)


def test_between_two_movers_there_is_nothing_to_see():
    mover = {"sight": "mover", "cluster": "", "kind": ""}
    coverage = told((1, BEGAN, mover), (2, ENDED, WHOLE | mover), (5, BEGAN, mover), (6, ENDED, WHOLE | mover))

    assert coverage.not_covered(SightKey("mover"), needed_from=1.0, final=True) is None


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        (SightKey("kube"), KUBE, True),
        (SightKey("kube", "source"), KUBE, True),
        (KUBE, KUBE, True),
        (KUBE, SightKey("kube", "source"), False),
        (SightKey("kube", "target"), KUBE, False),
        (SightKey("kube", "", "Machine"), KUBE, True),
        (SightKey("audit"), KUBE, False),
        (SightKey("bmc", host="a"), SightKey("bmc", host="b"), False),
    ],
)
def test_a_sight_covers_what_is_narrower(wide, narrow, covers):
    assert wide.covers(narrow) is covers


SAID = {
    SightKey("kube", "source", "Machine"): NAME,
    SightKey("kube"): "sight on the API server",
    SightKey("audit", "source"): "sight on the audit log of source",
    SightKey("bmc", host="node-1"): "sight on the BMC of node-1",
    SightKey("bmc_requests", host="node-1"): "sight on the requests to the BMC of node-1",
    SightKey("ironic", "target"): "sight on the Ironic of target",
    SightKey("mover"): "sight on the mover",
    SightKey("probe", "source"): "sight on the network from source",
    SightKey("net_trace", "source"): "sight on the net trace of source",  # type: ignore[arg-type]
}


@pytest.mark.parametrize("key", SAID)
def test_a_sight_is_told_in_words(key):
    assert str(key) == SAID[key]
