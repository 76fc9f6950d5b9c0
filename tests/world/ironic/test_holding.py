"""When an Ironic surely held a host, and whether the host was adopted: by what its node's entries tell, one after the other."""

from typing import Any

import msgspec
import pytest

from harness.journal.entry import FOREVER, Entry
from harness.journal.facts import IronicAnswers, IronicNode, IronicNodeGone
from harness.world.adoption import node_of, node_state, parts
from harness.world.hosts import hosts
from harness.world.ironic.holding import Held, held, node_of_name, overlap
from harness.world.moves import judged_moves
from harness.world.world import World
from tests.checks.history import Story, host_body

NAME = "metal3~node-1"


def node(uuid: str = "a", name: str = NAME, state: str = "active") -> IronicNode:
    return IronicNode(ironic="target", uuid=uuid, name=name, node={"uuid": uuid, "provision_state": state})


def gone(uuid: str = "a", name: str = NAME) -> IronicNodeGone:
    return IronicNodeGone(ironic="target", uuid=uuid, name=name)


UP, DOWN = IronicAnswers(ironic="target", up=True), IronicAnswers(ironic="target", up=False)


def story(*said: Any, mode: str = "run", code: int = 0, again: bool = False) -> Story:
    """A host and its move, which ended at 9 s; then what Ironic told, each within the half second before 10 s, 20 s, and so on."""
    made = Story(mode=mode).sees("kube", "mover", "ironic")
    made.host(provisioning={"state": "provisioned", "ID": "old"})
    made.begins_move()
    made.move(seconds=9.0 - made.time, code=code)
    for number, fact in enumerate(said, 1):
        made.tell(fact, since=10.0 * number - 0.5, at=10.0 * number)
    if again:
        made.time += 10
        made.tell(msgspec.structs.replace(made.entries[5].fact, mover=2, origin="target", destination="source"))
        made.tell(msgspec.structs.replace(made.entries[6].fact, mover=2))
    return made


def intervals(*said: Any) -> list[tuple[float, float, str]]:
    world = story(*said).world()
    (host,) = hosts(world)
    return [(it.since, it.until, it.uuid) for it in held(world, host, "target")]


HELD: dict[str, tuple[tuple[Any, ...], list[tuple[float, float, str]]]] = {
    "nothing": ((UP,), []),
    "its node": ((node(),), [(10.0, FOREVER, "a")]),
    "by its bare name": ((node(name="node-1"),), [(10.0, FOREVER, "a")]),
    "another's node": ((node(name="metal3~node-2"),), []),
    "told twice": ((node(), node()), [(10.0, FOREVER, "a")]),
    "gone": ((node(), gone()), [(10.0, 19.5, "a")]),
    "gone without its name": ((node(), gone(name="")), [(10.0, 19.5, "a")]),
    "gone by another ID, under its name": ((node(), gone("b")), [(10.0, 19.5, "a")]),
    "another one is gone": ((node(), gone("b", "metal3~node-2")), [(10.0, FOREVER, "a")]),
    "gone, and there again": ((node(), gone(), node("b")), [(10.0, 19.5, "a"), (30.0, FOREVER, "b")]),
    "no answer": ((node(), DOWN), [(10.0, 19.5, "a")]),
    "no answer, and told again": ((node(), DOWN, UP, node()), [(10.0, 19.5, "a"), (40.0, FOREVER, "a")]),
    "it answers": ((node(), UP), [(10.0, FOREVER, "a")]),
}


@pytest.mark.parametrize(("said", "expected"), HELD.values(), ids=HELD)
def test_an_ironic_holds_a_host_from_its_node_until_that_goes(said, expected):
    assert intervals(*said) == expected


def test_the_node_that_it_has_of_a_host_now_is_that_of_its_last_interval():
    made = story(node(), gone(), node("b"), node("b"))
    world = made.world()
    (host,) = hosts(world)

    assert node_of_name(world, host, "target") is made.entries[9]
    assert node_of_name(world, host, "source") is None
    assert node_of_name(story(node(), gone()).world(), host, "target") is None


ONE, OTHER = Held(10.0, 20.0, (1, 5), "a"), Held(15.0, 30.0, (3, 7), "b")


@pytest.mark.parametrize(
    ("some", "others", "expected"),
    [
        ([ONE], [OTHER], (15.0, 20.0, (1, 3, 5, 7))),
        ([OTHER], [ONE], (15.0, 20.0, (1, 3, 5, 7))),
        ([ONE], [OTHER._replace(since=20.0)], None),
        ([ONE], [OTHER._replace(uuid="a")], None),
        ([ONE._replace(uuid="")], [OTHER._replace(uuid="")], (15.0, 20.0, (1, 3, 5, 7))),
        ([ONE._replace(until=12.0), ONE], [OTHER._replace(since=13.0, until=14.0), OTHER], (13.0, 14.0, (1, 3, 5, 7))),
        ([], [OTHER], None),
    ],
)
def test_two_hold_it_where_both_surely_did_and_are_not_the_same(some, others, expected):
    found = overlap(some, others)

    assert (found and found[:3]) == expected


LAST: dict[str, tuple[tuple[Any, ...], dict[str, Any], tuple[str, bool]]] = {
    "there": ((node(),), {}, ("active", False)),
    "another one": ((node("b"),), {}, ("", False)),
    "as told last": ((node(state="adopting"), node()), {}, ("active", False)),
    "gone": ((node(), gone()), {}, ("", False)),
    "gone before the next move": ((node(), gone()), {"again": True}, ("active", False)),
    "no answer": ((node(), DOWN), {}, ("", False)),
    "no answer before the next move": ((node(), DOWN), {"again": True}, ("active", False)),
    "it answers again": ((node(), DOWN, UP), {}, ("", False)),
    "it answers again, in a recording": ((node(), DOWN, UP), {"mode": "import"}, ("active", False)),
    "it answers again and again, in a recording": ((node(), DOWN, DOWN, UP), {"mode": "import"}, ("active", False)),
    "it went while it did not answer, in a recording": ((node(), DOWN, gone(), UP), {"mode": "import"}, ("", False)),
    "told anew, in a recording": ((node(), DOWN, node(state="error"), UP), {"mode": "import"}, ("error", False)),
}


@pytest.mark.parametrize(("said", "how", "expected"), LAST.values(), ids=LAST)
def test_the_last_that_an_ironic_told_of_a_node(said, how, expected):
    world = story(*said, **how).world()
    entry, known_before = node_of(world, judged_moves(world)[0], "a", FOREVER)

    assert (node_state(entry), known_before) == expected


def test_a_node_that_came_later_than_asked_is_none_and_one_from_before_the_move_was_known():
    world = story(node()).world()
    (leg,) = judged_moves(world)
    assert node_of(world, leg, "a", 9.5)[0] is None
    assert node_of(world, leg, "a", 9.6)[0] is not None

    made = Story().sees("kube", "mover", "ironic")
    made.host()
    made.tell(node())
    world = made.move().world()
    assert node_of(world, judged_moves(world)[0], "a", FOREVER)[1] is True


NODE_PART = 3
PROOF = {
    "provisioning": {"state": "provisioned", "ID": "a"},
    "operationHistory": {"register": {"start": "8", "end": "9"}},
    "goodCredentials": {"credentialsVersion": "7"},
}
LACKING: dict[str, tuple[dict[str, Any], int, str]] = {
    "its old ID": ({"provisioning": {"ID": "old"}}, 0, "provisioning ID is still that of the Ironic before"),
    "no ID": ({"provisioning": {}}, 0, "provisioning ID is still that of the Ironic before"),
    "its old registration": ({"operationHistory": {"register": {"start": "1", "end": "2"}}}, 1, "registration was not renewed"),
    "a registration without an end": ({"operationHistory": {"register": {"start": "8"}}}, 1, "registration was not renewed"),
    "a registration without a begin": ({"operationHistory": {"register": {"end": "9"}}}, 1, "registration was not renewed"),
    "credentials of another version": (
        {"goodCredentials": {"credentialsVersion": "6"}}, 2, "credentials were never validated in the target"),
    "no credentials": ({"goodCredentials": {}}, 2, "credentials were never validated in the target"),
    "another node": ({"provisioning": {"ID": "b"}}, 3, "Ironic of the target has no node of it"),
}  # fmt: skip


def proof(old: dict[str, Any] | None = None, /, **instead: Any) -> Any:
    """The parts of the proof that the host's last version in the target gives, beside the one in the origin with some members replaced."""
    made = Story().sees("kube", "mover", "ironic")
    before = {"operationHistory": {"register": {"start": "1", "end": "2"}}} | (old or {})
    made.host(provisioning={"state": "provisioned", "ID": "old"}, **before)
    made.begins_move()
    made.move()
    secret = made.object("target", "Secret", "node-1-bmc", {}, "added")
    made.entries[-1] = Entry(secret.seq, 1.0, secret.at, msgspec.structs.replace(secret.fact, resource_version="7"))
    made.tell(node())
    made.object("target", "BareMetalHost", "node-1", host_body("node-1", **(PROOF | instead)), "added")
    world: World = made.world()
    (host,), (leg,) = hosts(world), judged_moves(world)
    return parts(world, host, leg, host.versions(world, "target")[-1])


def test_a_host_that_was_adopted_shows_four_proofs_each_by_its_entries():
    assert [(it.holds, it.says, it.evidence) for it in proof()] == [
        (True, "provisioning ID is new", (4, 9)),
        (True, "registration was renewed", (4, 9)),
        (True, "credentials were validated in the target", (9, 7)),
        (True, "Ironic of the target has its node active", (8,)),
    ]


@pytest.mark.parametrize(
    ("version", "says"), [("7", (True, "registration needed no renewal")), ("6", (False, "registration was not renewed"))]
)
def test_a_secret_of_the_same_version_in_both_clusters_needs_no_new_registration(version, says):
    old = {"operationHistory": {"register": {"start": "1", "end": "2"}}, "goodCredentials": {"credentialsVersion": version}}
    found = proof(old, operationHistory=old["operationHistory"])

    assert (found[1].holds, found[1].says) == says
    assert proof(old, goodCredentials={"credentialsVersion": "5"}, operationHistory=old["operationHistory"])[1].holds is False


@pytest.mark.parametrize(("instead", "place", "says"), LACKING.values(), ids=LACKING)
def test_each_part_of_the_proof_may_be_lacking(instead, place, says):
    found = proof(**instead)

    assert [number for number, it in enumerate(found) if not it.holds and number != NODE_PART] in ([place], [])
    assert (found[place].holds, found[place].says) == (False, says)
