"""What each family of BMCs offers, in Markdown, straight from bmc.witness."""
# ruff: noqa: INP001 - part of a script

import sys
from collections.abc import Iterable

from bmc.witness import FAMILIES
from bmc.witness.family import COLD, COLD_AND_WARM, Family

HEAD = (
    "| family | proves that there was no reset | proves that power did not go | only its move is a proof, of a reset | proves nothing |",
    "| --- | --- | --- | --- | --- |",
)


def table_of_families() -> list[str]:
    """A row for each family."""
    return [*HEAD, *(_row(family) for family in FAMILIES)]


def notes_on_families() -> list[str]:
    """What is known of each, in the words of its file."""
    modules = dict.fromkeys(family.recognises.__module__ for family in FAMILIES)
    return [f"- {' '.join((sys.modules[name].__doc__ or '').split())}" for name in modules]


def _row(family: Family) -> str:
    """OEM commands make the emulated BMC over IPMI a family of its own, under the same name."""
    over = " over IPMI" if family.name == "emulated" and family.tells else ""
    latches = family.latches
    told = [name for name in family.tells if not latches.get(name)]
    rest = [name for name, resets in latches.items() if not resets and name not in told]
    kinds = (
        [name for name, resets in latches.items() if resets == COLD_AND_WARM],
        [name for name, resets in latches.items() if resets == COLD],
        sorted(told),
        rest,
    )
    return f"| {family.name}{over} | {' | '.join(map(_names, kinds))} |"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "-"
