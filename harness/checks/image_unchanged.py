"""What the host was provisioned with stays: image, disk, RAID, boot mode, custom deployment; and nobody tried to provision it anew.

`status.provisioning` tells what runs on the server, and `status.hardware` what was found in it. The ID alone is renewed by a move; the
state is judged by `hosts_keep_state`.
"""

from collections.abc import Iterator
from typing import Any

from harness.judgement import Judgement, failed, failures, passed, unknown
from harness.metal3 import STATUS
from harness.world.horizon import not_seen_whole
from harness.world.hosts import Host, promised, residents
from harness.world.world import Version, World

ORDER = 22
RENEWED = ("ID", "state")
DECISIVE = ("image", "raid", "bootMode", "rootDeviceHints", "customDeploy")
"""These may not come from nothing either; other members may be filled in by a newer Baremetal Operator."""
COMPARED = (
    "provisioning",
    "hardware",
    "lastAttemptedImage",
    "provisioningFailCount",
    "operationalStatus",
    "errorType",
    "errorMessage",
)
"""The members of a host's status that are looked at."""
ERRORS_OF_WORK = ("inspection error", "preparation error", "provisioning error", "servicing error")
"""Errors of what is never done to a server that runs; those of its registration or power heal by themselves."""


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host, and one a resident that was harmed."""
    yield from (judge(world, host) for host in promised(world))
    yield from failures(judge(world, host) for host in residents(world))


def judge(world: World, host: Host) -> Judgement:
    """Compare every version with the baseline."""
    seq = host.baseline.entry.seq
    if not is_told(host.baseline):
        return unknown("what it was provisioned with when the move began was not seen", host.name, (seq,))
    good = what_is_told(host.baseline)
    for side, version in host.seen(world):
        told = what_is_told(version)
        if told == good:
            continue
        found = (*changes(host.baseline, version), *attempts(host.baseline, version), *news(host.baseline, version))
        wrong = found if is_told(version) else ()
        if wrong:
            text = f"{'; '.join(wrong)} in the {side} at {version.entry.at:.1f} s (the Baremetal Operator there did it)"
            return failed(text, host.name, (seq, version.entry.seq))
        good = good if found else told
    blind = not_seen_whole(world, host)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed("what it was provisioned with is unchanged", host.name, (seq,))


def what_is_told(version: Version) -> tuple[Any, ...]:
    """All that is compared of a version: what says the same as the one before is as good as that, and most versions do."""
    status = version.get("status")
    return tuple(status.get(name) for name in COMPARED) if isinstance(status, dict) else ()


def is_told(version: Version) -> bool:
    """Does this version tell what the host is provisioned with? A copy whose status is still on its way does not."""
    return bool(version.get("status", "provisioning", "state")) or (
        bool(version.get("status", "provisioning")) and STATUS not in version.annotations
    )


def changes(before: Version, after: Version) -> Iterator[str]:
    """The members of `status.provisioning` that changed, in words."""
    both = (meant(version.get("status", "provisioning")) for version in (before, after))
    old, new = (it if isinstance(it, dict) else {} for it in both)
    for name in sorted({*old, *new}):
        if name not in RENEWED and old.get(name) != new.get(name) and (name in old or name in DECISIVE):
            yield f"status.provisioning.{name} went from {said(old.get(name))} to {said(new.get(name))}"


def attempts(before: Version, after: Version) -> Iterator[str]:
    """The signs that somebody tried to provision it anew, in words."""
    old, new = (meant(version.get("status", "lastAttemptedImage")) for version in (before, after))
    if new and new not in (old, meant(before.get("status", "provisioning", "image"))):
        yield f"another image was attempted ({said(new)})"
    failures, known = (version.get("status", "provisioningFailCount") or 0 for version in (after, before))
    if isinstance(failures, int) and isinstance(known, int) and failures > known:
        yield f"its provisioning failed {failures} times (before {known})"


def news(before: Version, after: Version) -> list[str]:
    """What is told of work on the server, and was not told before the move."""
    known = list(works_on(before))
    old, new = (version.get("status", "hardware") for version in (before, after))
    inspected = ["its hardware is told otherwise than before, as an inspection does"] if old and new and retold(old, new) else []
    return inspected + [it for it in works_on(after) if it not in known]


def retold(before: Any, after: Any) -> bool:
    """Is anything that both tell told otherwise? A newer Baremetal Operator may tell more."""
    if isinstance(before, dict) and isinstance(after, dict):
        return any(retold(before[name], after[name]) for name in set(before) & set(after))
    if isinstance(before, list) and isinstance(after, list):
        return len(before) != len(after) or any(retold(*pair) for pair in zip(before, after, strict=True))
    return bool(before != after)


def works_on(version: Version) -> Iterator[str]:
    """What its Baremetal Operator tells of its own work on a server that runs, in words: also what it failed at."""
    if version.get("status", "operationalStatus") == "servicing":
        yield "it was being serviced"
    kind = version.get("status", "errorType")
    if kind in ERRORS_OF_WORK:
        yield f"it had the {kind}: {version.get('status', 'errorMessage') or ''}".rstrip(": ")


def meant(value: Any) -> Any:
    """A value without empty members: a null, an empty text and an absent member mean the same."""
    if not isinstance(value, dict):
        return value
    kept = {name: meant(member) for name, member in value.items()}
    return {name: member for name, member in kept.items() if member not in (None, "", {}, [])} or None


def said(value: Any) -> str:
    """A value for people: an image by its address."""
    if isinstance(value, dict):
        return str(value.get("url") or value)
    return str(value) if value else "none"
