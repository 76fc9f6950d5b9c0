"""The host stays its consumer's: in every version the same consumer, who gets no other host, and no owner that does not exist.

A host without its consumer is free for everybody; one whose owner does not exist is deleted by the garbage collector.
"""

from collections import defaultdict
from collections.abc import Iterator

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.changes.authors import author
from harness.world.coverage import SightKey
from harness.world.horizon import not_seen_whole
from harness.world.hosts import Host, promised
from harness.world.moved_kinds import kind_of
from harness.world.world import ObjectKey, Version, World, answered_once

ORDER = 24


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host."""
    for host in promised(world):
        yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Follow consumer and owners through both clusters."""
    unseen: list[Judgement] = []
    for side, version in host.seen(world):
        lost = [each for each in owners(version) if not existed(world, side, each)]
        watched = [each for each in lost if not was_missed(world, host, side, each[0], version)]
        wrong = consumer_change(host, version) or (foreign(watched[0]) if watched else "")
        if wrong:
            whose = author(world, version)
            text = f"{wrong} (in the {side} at {version.entry.at:.1f} s, {whose})"
            return failed(text, host.name, (host.baseline.entry.seq, version.entry.seq))
        unseen += [unknown(f"{foreign(each)}, or is not watched", host.name, (version.entry.seq,)) for each in lost[:1]]
    if shared := another_of_its_consumer(world, host):
        return shared
    blind = not_seen_whole(world, host)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return unseen[0] if unseen else passed("its consumer and owners are unchanged", host.name, (host.baseline.entry.seq,))


def was_missed(world: World, host: Host, side: str, kind: str, version: Version) -> bool:
    """Can an owner of that kind have come and gone unseen, up to this version?"""
    blind = world.not_covered(SightKey("kube", side, kind), needed_from=host.since, needed_until=version.entry.at)
    return blind is not None


def foreign(owner: tuple[str, str, str]) -> str:
    """What an owner means that was never seen."""
    return f"is owned by {owner[0]} {owner[1]}, which does not exist: it would be collected as garbage"


def consumer_change(host: Host, version: Version) -> str:
    """What became of the host's consumer; empty where it is the same, or where nobody claimed the host."""
    before, now = consumer(host.baseline), consumer(version)
    if not host.claimed or before == now:
        return ""
    return f"its consumer went from {' '.join(before)} to {' '.join(now) or 'none'}"


def consumer(version: Version) -> tuple[str, ...]:
    """API group, kind and name of the consumer; the version of the API does not count."""
    version_, kind, name = (str(version.get("spec", "consumerRef", it) or "") for it in ("apiVersion", "kind", "name"))
    return tuple(part for part in (version_.rpartition("/")[0], kind, name) if part)


def another_of_its_consumer(world: World, host: Host) -> Judgement | None:
    """Another host that has got the same consumer since: one of the two is given up."""
    mine = (host.namespace, *consumer(host.baseline))
    since = max(host.begins, host.baseline.entry.at)
    for key, version in consumed(world).get(mine, ()) if host.claimed else ():
        if key.name != host.object_name and since < version.entry.at < host.until:
            whose = author(world, version)
            text = f"its consumer {mine[-1]} has got BareMetalHost {key.name} too, in the {key.cluster}"
            text = f"{text} at {version.entry.at:.1f} s, {whose}"
            return failed(text, host.name, (host.baseline.entry.seq, version.entry.seq))
    return None


@answered_once
def consumed(world: World) -> dict[tuple[str, ...], list[tuple[ObjectKey, Version]]]:
    """The living versions of hosts that had a consumer, by their namespace and that consumer; side by side, host by host."""
    found: dict[tuple[str, ...], list[tuple[ObjectKey, Version]]] = defaultdict(list)
    for side in SIDES:
        for key in world.keys(side, "BareMetalHost"):
            for version in world.objects[key]:
                if version.alive and (whose := consumer(version)):
                    found[key.namespace, *whose].append((key, version))
    return found


def owners(version: Version) -> list[tuple[str, str, str]]:
    """Kind, name and uid of each owner."""
    found = version.metadata.get("ownerReferences") or []
    return [(kind_of(each), str(each.get("name")), str(each.get("uid"))) for each in found]


def existed(world: World, side: str, owner: tuple[str, str, str]) -> bool:
    """Was there ever an object of that uid in this cluster? Whether it lives on is judged elsewhere."""
    kind, _, uid = owner
    return uid in uids(world, side, kind)


@answered_once
def uids(world: World, side: str, kind: str) -> set[str]:
    """The uids of all objects of a kind that ever lived in a cluster."""
    return {str(it.metadata.get("uid")) for key in world.keys(side, kind) for it in world.objects[key] if it.alive}
