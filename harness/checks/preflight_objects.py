"""Before the move both clusters are ready for it: definitions labelled, providers there, Cluster un-paused, every Machine with its Node.

Baremetal Operator's definitions ship without the labels by which clusterctl finds them: without them hosts stay behind, silently.
"""

from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.metal3 import CLUSTERCTL, MOVE, MOVE_HIERARCHY
from harness.world.carried.kinds import defined_kind, kinds_to_carry, unwatched
from harness.world.coverage import SightKey
from harness.world.horizon import not_seen_now
from harness.world.moved_kinds import MOVED_KINDS, RELATED, full_name
from harness.world.moved_objects import expected
from harness.world.probes import direction
from harness.world.world import Version, World

PREFLIGHT = True
PROMISE = False
LABELS = {moved.kind: moved.label for moved in MOVED_KINDS if moved.label}
"""Labels that definitions need besides where an object has no owner."""


def check(world: World, *, origin: str = "") -> Iterator[Judgement]:
    """Judgements about the lab as a whole; `origin` is where the move will begin (default: where the hosts are)."""
    origin, destination = direction(world, origin)
    yield definitions(world, origin)
    yield providers(world, origin, destination)
    yield clusters(world, origin, destination)


def definitions(world: World, origin: str) -> Judgement:
    """The labels by which clusterctl finds the kinds of what is to move, and moves what nobody owns."""
    seen = {defined_kind(version): (key.name, version) for key, version in world.living(origin, "CustomResourceDefinition")}
    if not seen:
        return unknown(f"no definition of the {origin} was seen")
    found = [(key.kind, version) for key, version in expected(world, origin, world.now).items() if key.kind not in RELATED]
    owned = {kind: True for kind, _ in found}
    owned |= {kind: False for kind, version in found if not version.metadata.get("ownerReferences")}
    missing = [full_name(kind) for kind in owned if kind not in seen]
    if missing:
        return unknown(f"the definition of {', '.join(missing)} was not seen in the {origin}")
    wrong = [
        f"definition {name} of the {origin} lacks the label {', '.join(lacking)} "
        f"(cure: kubectl label crd {name} {' '.join(f'{label}=' for label in lacking)})"
        for kind, (name, version) in seen.items()
        if kind in owned and (lacking := lacks(version, kind, is_owned=owned[kind]))
    ]
    if wrong:
        return failed(f"{'; '.join(wrong)}: without it objects would silently stay behind")
    needed = (SightKey("kube", origin, kind) for kind in ("CustomResourceDefinition", *owned))
    blind = unwatched(world, kinds_to_carry(world, origin, world.now)) or not_seen_now(world, *needed)
    return unknown(blind.says, evidence=blind.evidence) if blind else passed("the definitions carry clusterctl's labels")


def lacks(definition: Version, kind: str, *, is_owned: bool) -> list[str]:
    """The labels that this definition lacks; owned objects need fewer, since they move with their owner."""
    needed = [CLUSTERCTL, *([LABELS[kind]] if kind in LABELS and not is_owned else [])]
    # A hierarchy label moves the object as well as what depends on it.
    given = {*definition.labels, *([MOVE] if MOVE_HIERARCHY in definition.labels else [])}
    return [label for label in needed if label not in given]


def providers(world: World, origin: str, destination: str) -> Judgement:
    """Every provider of the origin is in the destination, in no older version."""
    if blind := not_seen_now(world, *(SightKey("kube", side, "Provider") for side in (origin, destination))):
        return unknown(blind.says, evidence=blind.evidence)
    there = {name_of(version.body): version_of(version.body) for _, version in world.living(destination, "Provider")}
    here = {name_of(version.body): version_of(version.body) for _, version in world.living(origin, "Provider")}
    wrong = [f"provider {name} is not in the {destination}" for name in here if name not in there]
    wrong += [
        f"provider {name} is older in the {destination} ({text(there[name])}) than in the {origin} ({text(here[name])})"
        for name in here
        if name in there and there[name] < here[name]
    ]
    if wrong:
        return failed("; ".join(wrong))
    return (
        passed(f"all {len(here)} providers of the {origin} are in the {destination}") if here else unknown("no provider was seen")
    )


def name_of(body: dict[str, object]) -> str:
    """`InfrastructureProvider metal3`: what clusterctl compares by."""
    return f"{body.get('type')} {body.get('providerName')}"


def version_of(body: dict[str, object]) -> tuple[int, ...]:
    """A semantic version's numbers; a pre-release counts as its release."""
    numbers = str(body.get("version") or "").removeprefix("v").split("-")[0].split("+")[0].split(".")
    return tuple(int(number) for number in numbers if number.isdigit())


def text(version: tuple[int, ...]) -> str:
    """`v1.14.2`."""
    return "v" + ".".join(map(str, version))


def clusters(world: World, origin: str, destination: str) -> Judgement:
    """The Cluster is where it should be, un-paused, and its Machines have Nodes."""
    needed = [SightKey("kube", *place) for place in ((destination, "Cluster"), (origin, "Cluster"), (origin, "Machine"))]
    if blind := not_seen_now(world, *needed):
        return unknown(blind.says, evidence=blind.evidence)
    found = world.living(origin, "Cluster")
    if not found:
        return unknown(f"no Cluster was seen in the {origin}")
    wrong = [
        f"Cluster {key.name} is paused in the {origin}; un-pause it" for key, version in found if version.get("spec", "paused")
    ]
    wrong += [
        f"Cluster {key.name} is in the {destination} already" for key, _ in found if world.last(destination, *key[1:]) is not None
    ]
    wrong += [
        f"Machine {key.name} has no Node yet; wait until it has"
        for key, version in world.living(origin, "Machine")
        if not version.get("status", "nodeRef", "name")
    ]
    return (
        failed("; ".join(wrong))
        if wrong
        else passed(f"{len(found)} Cluster un-paused in the {origin}, every Machine with its Node")
    )
