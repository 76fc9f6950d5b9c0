"""Which server a host commands: by the address of its BMC, and by the MAC that it boots from."""

from typing import NamedTuple
from urllib.parse import urlsplit

from harness.journal.facts import SIDES
from harness.metal3 import DETACHED, PAUSED
from harness.world.bmc.requests import normal_path
from harness.world.hosts import Host
from harness.world.world import ObjectKey, Version, World, answered_once, remembered


class SharedServer(NamedTuple):
    """A BareMetalHost that commands the same server as another one: what they share, and the version that shows it."""

    key: ObjectKey
    what: str
    version: Version


def bmc_of(version: Version) -> str:
    """The BMC's address without the protocol: a server may be commanded by several of them."""
    address = str(version.get("spec", "bmc", "address") or "").strip().lower()
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
    except ValueError:
        return address
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")


def system_path(version: Version) -> str:
    """The path of the server's resource in its BMC, as requests name it; empty where the address names none (IPMI, or a bare host)."""
    address = str(version.get("spec", "bmc", "address") or "").strip()
    path = normal_path(address) if "://" in address else ""
    return path if "/systems/" in path else ""


def mac_of(version: Version) -> str:
    """The MAC that the server boots from, in lower case."""
    return str(version.get("spec", "bootMACAddress") or "").strip().lower().replace("-", ":")


def shared_with(mine: Version, other: Version) -> str:
    """What two hosts have in common; empty where they command different servers."""
    bmc, mac = bmc_of(mine), mac_of(mine)
    if bmc and bmc == bmc_of(other):
        return f"one BMC, {mine.get('spec', 'bmc', 'address')}"
    return f"one boot MAC, {mac}" if mac and mac == mac_of(other) else ""


def is_commanding(version: Version) -> bool:
    """Does a Baremetal Operator act on this version of a host?"""
    return version.alive and not {PAUSED, DETACHED} & set(version.annotations)


def others_of(world: World, host: Host, mine: Version, *, since: float) -> list[SharedServer]:
    """The other hosts, in both clusters, that commanded this host's server (told by `mine`) at any time from then on."""
    found: list[SharedServer] = []
    known = commanders(world)
    keys = {key: None for place in places(mine) for key in known.get(place, ())}
    for key in sorted(keys, key=lambda it: (SIDES.index(it.cluster), world.objects[it][0].entry.seq)):
        if (key.namespace, key.name) == (host.namespace, host.object_name):
            continue
        timeline = world.objects[key]
        ends = [*(version.entry.at for version in timeline[1:]), float("inf")]
        lived = [version for version, end in zip(timeline, ends, strict=True) if end > since and is_commanding(version)]
        shared = next(((version, what) for version in lived if (what := shared_with(mine, version))), None)
        if shared and host.holds(shared[0].entry):
            found.append(SharedServer(key, shared[1], shared[0]))
    return found


@answered_once
def commanders(world: World) -> dict[tuple[str, str], list[ObjectKey]]:
    """The hosts that ever named a server, by its BMC and by its boot MAC, in the order in which they appeared."""
    found: dict[tuple[str, str], dict[ObjectKey, None]] = {}
    for side in SIDES:
        for key in world.keys(side, "BareMetalHost"):
            for version in world.objects[key]:
                for place in places(version):
                    found.setdefault(place, {})[key] = None
    return {place: list(keys) for place, keys in found.items()}


@remembered
def places(version: Version) -> tuple[tuple[str, str], ...]:
    """By what a version of a host names its server."""
    return tuple((what, value) for what, value in (("bmc", bmc_of(version)), ("mac", mac_of(version))) if value)
