"""The host's firmware and its BIOS settings are shown as they were: nobody flashed or configured the server anew since the move began.

A Baremetal Operator shows them in HostFirmwareComponents and HostFirmwareSettings, which are made anew in each cluster, from what its own
Ironic reads of the server. What is shown otherwise within the life of one such object was changed then. What a new object shows otherwise
than the one before may have been changed long ago, and been read only now: that is unknown. A setting that the schema says is read-only
is none that anybody sets.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from harness.journal.facts import SIDES, Side
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.changes.authors import UNSEEN, after_words, author, shown_by
from harness.world.coverage import SightKey
from harness.world.horizon import needed_until
from harness.world.hosts import Host, promised
from harness.world.world import ObjectKey, Timeline, Version, World, dig, key_of, version_at

ORDER = 23
COMPONENTS, SETTINGS = "HostFirmwareComponents", "HostFirmwareSettings"
WISHES = {COMPONENTS: "updates", SETTINGS: "settings"}
"""By kind, the member of `spec` in which a user asks for another firmware or setting."""
VERSION = "currentVersion"
FIRST = "initialVersion"
"""The version that an operator saw first; it tells of its own past."""

Shown = dict[str, dict[str, str]]
"""What one version shows: component or setting -> member -> value."""


class FirmwareChange(NamedTuple):
    """Something that is shown otherwise than before: by which version, in words, and whether it must have happened since then."""

    side: Side
    before: Version
    after: Version
    says: str
    certain: bool


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host."""
    for host in promised(world):
        yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Follow both objects of the host through both clusters."""
    found = [change for kind in WISHES for change in changes(world, host, kind)]
    certain = [change for change in found if change.certain]
    for change in certain or found:
        text = f"{change.says} (in the {change.side} at {change.after.entry.at:.1f} s){'' if change.certain else NOT_KNOWN_WHEN}"
        return (failed if certain else unknown)(text, host.name, (change.before.entry.seq, change.after.entry.seq))
    keys = (SightKey("kube", side, kind) for side in SIDES for kind in WISHES)
    blind = world.not_covered(*keys, needed_from=host.since, needed_until=needed_until(world, host))
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed("its firmware and its BIOS settings are shown as they were", host.name)


NOT_KNOWN_WHEN = ": when that was changed, before the move or in it, was not seen"


def changes(world: World, host: Host, kind: str) -> Iterator[FirmwareChange]:
    """What is shown otherwise than before, in the order in which it was seen."""
    known: dict[str, tuple[dict[str, str], Side, Version]] = {}
    for side, version in versions(world, host, kind):
        for name, now in shown(world, side, kind, version).items():
            if name in known:
                old, place, before = known[name]
                same_life = place == side and before.metadata.get("uid") == version.metadata.get("uid")
                for member in otherwise(old, now, same_life=same_life):
                    says = told(kind, name, member, old.get(member), now[member])
                    whose = whose_wish(world, kind, name, version)
                    yield FirmwareChange(side, before, version, f"{says}{after_words(whose)}", certain=same_life)
            known[name] = (now, side, version)


def versions(world: World, host: Host, kind: str) -> list[tuple[Side, Version]]:
    """The living versions of one object of the host in both clusters: the one that stood when its promise began, and all since."""
    found: list[tuple[Side, Version]] = []
    for side in SIDES:
        timeline = world.timeline(side, kind, host.namespace, host.object_name)
        first = version_at(timeline, host.begins)
        later = [it for it in timeline if host.begins < it.entry.at and host.holds(it.entry)]
        found += [(side, it) for it in ([first, *later] if first else later) if it.alive]
    return sorted(found, key=lambda item: item[1].entry.seq)


def shown(world: World, side: str, kind: str, version: Version) -> Shown:
    """The components, or the settings that somebody can set, that a version shows."""
    if kind == COMPONENTS:
        listed = version.get("status", "components")
        known = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        return {
            str(one.get("component")): {it: str(value) for it, value in one.items() if value and it != FIRST} for one in known
        }
    settings = version.get("status", "settings")
    schema = schema_of(world, side, version)
    return {
        name: {"": str(value)}
        for name, value in (settings.items() if isinstance(settings, dict) else ())
        if dig(schema, name, "read_only") is not True
    }


def schema_of(world: World, side: str, version: Version) -> Any:
    """What is known of each setting, by the FirmwareSchema that the object names: which of them can be set at all."""
    name, namespace = version.get("status", "schema", "name"), version.get("status", "schema", "namespace")
    timeline: Timeline = world.objects.get(ObjectKey(side, "FirmwareSchema", str(namespace), str(name)), [])
    return timeline[-1].get("spec", "schema") if timeline else None


def otherwise(old: dict[str, str], new: dict[str, str], *, same_life: bool) -> list[str]:
    """The members that are told otherwise; of an object that was made anew only the version, or the value, itself."""
    members = [name for name in new if same_life or name in ("", VERSION)]
    return [name for name in members if (name in old or name != VERSION) and meant(old.get(name, "")) != meant(new[name])]


def meant(value: str) -> list[int] | str:
    """A version's numbers, so that `1.00` is `1.0`; any other text as it is."""
    parts = value.split(".")
    return [int(part) for part in parts] if len(parts) > 1 and all(part.isdecimal() for part in parts) else value


def told(kind: str, name: str, member: str, old: str | None, new: str) -> str:
    """The change in words."""
    what = f"the firmware of its {name}" if kind == COMPONENTS else f"its BIOS setting {name}"
    says = "" if member in ("", VERSION) else f" ({member})"
    return f"{what} was changed{says} from {old or 'none'} to {new}"


def whose_wish(world: World, kind: str, name: str, version: Version) -> str:
    """Who had asked for it in the object's own spec; who did it without that was not seen."""
    timeline = world.objects[key_of(shown_by(version))]
    asking = [it for it in timeline if it.alive and it.entry.seq <= version.entry.seq and is_asked(it, kind, name)]
    return f"as asked {author(world, asking[0], f'spec.{WISHES[kind]}')}" if asking else UNSEEN


def is_asked(version: Version, kind: str, name: str) -> bool:
    """Does its spec ask for another version of this component, or another value of this setting?"""
    wanted = version.get("spec", WISHES[kind])
    if isinstance(wanted, dict):
        return name in wanted
    return isinstance(wanted, list) and any(isinstance(one, dict) and one.get("component") == name for one in wanted)
