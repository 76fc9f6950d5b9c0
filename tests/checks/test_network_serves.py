"""network_serves: what the owner's side reaches at the end, and what it did not reach in between."""

import pytest

from harness.checks import network_serves
from harness.journal import facts
from tests.checks.history import Story, of_host, readable


def moved(*probes: str, answering: tuple[str, ...] = ("target",), known: tuple[str, ...] = facts.SIDES) -> Story:
    """A host that was moved, and these probes from the target, in order: `bmc`, `ironic`, `image`, 10 s apart, with why each was lost."""
    story = Story().sees("kube", "mover").sees("probe", cluster="target")
    story.sees("bmc", host="node-1")
    for side in facts.SIDES:
        story.sees("ironic", cluster=side)
    for side in known:
        story.tell(facts.IronicAnswers(ironic=side, up=side in answering))
    story.host()
    story.move()
    for probe in probes:
        what, _, lost = probe.partition(" ")
        where = {"bmc": {"host": "node-1"}, "ironic": {"ironic": "target"}}.get(what, {})
        told = facts.ProbeSeen(vantage="target", what=what, address=what, ok=not lost, layer="tcp", says=lost, **where)
        story.tell(told, at=story.time + 10)
    return story


REACHED = ("bmc", "ironic", "image")


def said(story: Story, beginning: str, host: str | None = None) -> tuple[str, str, tuple[int, ...]]:
    """The judgement about a part of the network, by how it begins."""
    world = story.ends().world()
    (found,) = [it for it in readable(network_serves.check(world)) if it.host == host and beginning in it.says]
    return found.verdict, found.says, found.evidence


def of_bmc(story: Story) -> tuple[str, str, tuple[int, ...]]:
    found = of_host(network_serves.check(story.ends().world()))
    return found.verdict, found.says, found.evidence


def last(story: Story, back: int = 1) -> int:
    """The number of one of the last entries before the end."""
    return len(story.entries) - back


def test_what_is_reached_passes_by_its_newest_probes():
    story = moved(*REACHED)
    first = last(story, 3)

    assert said(story, "Ironic") == ("pass", "exactly one Ironic answers, that of the target", (first + 1,))
    assert of_bmc(moved(*REACHED)) == ("pass", "the target reaches its BMC", (first,))
    assert said(moved(*REACHED), "images") == ("pass", "the target reaches the images", (first + 2,))


def test_what_is_not_reached_at_the_end_fails_by_its_newest_probe():
    story = moved(*REACHED, "bmc refused", "ironic 401", "image 404")
    first = last(story, 3)

    assert of_bmc(story) == ("fail", "the target does not reach its BMC (tcp: refused)", (first,))
    again = moved(*REACHED, "bmc refused", "ironic 401", "image 404")
    assert said(again, "serve") == ("fail", "the Ironic of the target does not serve as it should (tcp: 401)", (first + 1,))
    again = moved(*REACHED, "bmc refused", "ironic 401", "image 404")
    assert said(again, "images") == ("fail", "the target does not reach the images (tcp: 404)", (first + 2,))


def test_what_nobody_tried_is_not_known():
    assert of_bmc(moved("ironic", "image")) == ("unknown", "the target never tried its BMC", ())
    assert said(moved("bmc", "image"), "Ironic") == ("unknown", "nobody tried the Ironic from the target", ())
    assert said(moved("bmc", "ironic"), "images") == ("unknown", "nobody tried the images from the target", ())


@pytest.mark.parametrize(
    ("answering", "says"),
    [
        ((), "no Ironic answers"),
        (("source",), "Ironic answers in the source"),
        (facts.SIDES, "Ironic answers in the source and the target"),
    ],
)
def test_the_owners_ironic_answers_and_no_other(answering, says):
    assert said(moved(*REACHED, answering=answering), "Ironic") == (
        "fail",
        f"{says}; it must be that of the target, and no other",
        (),
    )


def test_an_ironic_of_which_nobody_told_whether_it_answers_is_not_known():
    never = "the Ironic of the source was never told to answer, or not to answer"
    assert said(moved(*REACHED, known=("target",)), "Ironic")[:2] == ("unknown", never)
    story = moved(*REACHED, known=("target",))
    story.tell(facts.IronicNode(ironic="source", uuid="1", name="metal3~node-1", node={"uuid": "1"}))
    assert said(story, "Ironic")[:2] == ("unknown", "whether an Ironic answers in the source was not seen")


def test_a_bmc_that_answers_nobody_is_not_the_networks_fault():
    story = moved("bmc", "bmc refused")
    story.tell_lost("bmc", host="node-1")
    assert of_bmc(story)[:2] == ("unknown", "the target does not reach its BMC (tcp: refused)")


def test_a_bmc_that_was_out_of_reach_for_long_is_not_known_and_a_blink_is_nothing():
    blink = moved("bmc", "bmc refused", "bmc")
    assert of_bmc(blink)[0] == "pass"
    long = moved("bmc", "bmc refused", "bmc refused", "bmc")
    first = long.entries[last(long, 3)]
    assert of_bmc(long) == ("unknown", f"the target did not reach its BMC at {first.at:.1f} s", (first.seq,))
