"""What was done to a server, in one word: the gravest thing that a failed host's witnesses show, by whom, and after what."""

from typing import NamedTuple

from harness.journal.entry import Entry
from harness.journal.facts import SIDES
from harness.verdict.cures import OF_HARM_BY_OTHERS, OF_HARM_BY_US, OF_HARM_TO_A_DISK
from harness.world.bmc.causes import Cause, cause, cause_of_request
from harness.world.bmc.evidence import asker, harmful, requests_meaning
from harness.world.hosts import Host
from harness.world.world import Version, World

OF_STATES = {"provisioning": (4, "re-imaged"), "deprovisioning": (3, "deprovisioned"), "inspecting": (2, "re-inspected")}
"""What a provisioning state that a running server must not come to means, with its gravity."""

POWER = (1, "power-cycled")
BY_DESIGN = ("inspecting",)
"""What upstream comes to with a host that runs nothing."""

OURS = "this harness"


class Deed(NamedTuple):
    """`host` was (`words`, the gravest first) by `actor` (empty: not seen) from `at` (seconds) on, after `cause` (empty: none is known)."""

    host: str
    gravity: int
    words: tuple[str, ...]
    actor: str
    at: float
    cause: str
    cure: str
    is_by_design: bool


def deed_to(world: World, host: Host) -> Deed | None:
    """What was done to this host's server, the gravest first; None where nothing was seen."""
    asked = requests_meaning(world, host, harmful)
    stated = wrong_states(world, host)
    if not asked and not stated:
        return None
    states = {state for _, state in stated}
    found = {OF_STATES[state] for state in states} | {meaning(what) for _, what in asked}
    # To come to be imaged, it was inspected and power-cycled, and media were put in.
    words = [word for gravity, word in sorted(found, reverse=True) if gravity > 0] or [word for _, word in found]
    gravity = max(found)[0]
    first = min([entry for entry, _ in asked] + [version.entry for version, _ in stated], key=lambda entry: entry.since)
    actor = f"by {asker(world, asked[0][0].fact)}" if asked else ""
    made = what_led_to(world, host, [entry for entry, _ in asked], [version for version, _ in stated])
    says = f"{made.says}, {made.before(first.at)}" if made else ""
    design = not host.claimed and all(state in BY_DESIGN for state in states)
    return Deed(host.name, gravity, tuple(words), actor, first.since, says, cure_of(gravity, actor), design)


def meaning(what: str) -> tuple[int, str]:
    """The gravity of a request, and what it did to a server in words; `what` as the witnesses tell it."""
    return POWER if what.startswith("Reset") else (0, f"touched ({what})")


def wrong_states(world: World, host: Host) -> list[tuple[Version, str]]:
    """Its versions, in both clusters, that show what a running server must not come to."""
    return [
        (version, state)
        for side in SIDES
        for version in host.versions(world, side)
        if version.alive and (state := version.get("status", "provisioning", "state")) in OF_STATES and state != host.state
    ]


def what_led_to(world: World, host: Host, asked: list[Entry], stated: list[Version]) -> Cause | None:
    """The change of the host that came before the first request or state for which one is known."""
    made = [each for entry in asked if (each := cause_of_request(world, host, entry))]
    made = made or [each for version in stated if (each := cause(world, host, version.entry))]
    return made[0] if made else None


def cure_of(gravity: int, actor: str) -> str:
    """What to do about it."""
    if OURS in actor:
        return OF_HARM_BY_US
    return OF_HARM_TO_A_DISK if gravity > POWER[0] else OF_HARM_BY_OTHERS
