"""Members that an object gained on its way: the definitions of its new cluster are newer, and fill them in."""

from typing import Any

from harness.world.carried.equality import is_empty
from harness.world.world import Version

NEVER = ("BareMetalHost", "IPAddress", "IPClaim", "Metal3Data", "Metal3DataClaim")
"""Kinds on whose every member a server, its identity or its address depends."""
ORDERS = ("paused",)
"""Members that no definition fills in: somebody gave an order."""


def may_be_default(kind: str, part: str, before: Version, after: Version) -> bool:
    """Did this part of an object only gain members, as a definition fills them in?"""
    place, _, name = part.partition(".")
    if kind in NEVER or place != "spec" or name in ORDERS:
        return False
    return gained(before.get(place, name), after.get(place, name))


def gained(before: Any, after: Any) -> bool:
    """Is all that was there still there, as it was, beside new members?"""
    if before is None:
        return True
    if isinstance(before, dict) and isinstance(after, dict):
        kept = all(gained(it, after[name]) if name in after else is_empty(it) for name, it in before.items())
        return kept and not set(ORDERS) & (set(after) - set(before))
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(gained(*pair) for pair in zip(before, after, strict=True))
    return bool(before == after)
