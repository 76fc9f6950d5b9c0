"""All probes, and the recorded answers of a real server to them."""

import json
import lzma
from datetime import UTC, datetime
from pathlib import Path

from tests.emulated.apiserver.oracle.asking import Answer
from tests.emulated.apiserver.oracle.probes import (
    applying,
    deleting,
    discovery,
    informers,
    lifecycles,
    patching,
    protocol,
    reading,
    sharing,
    writing,
)
from tests.emulated.apiserver.oracle.probes.kinds import builtin, definitions, instances, manifests, workloads

GENERAL = (discovery, protocol, reading, informers, writing, patching, applying, sharing, deleting, lifecycles)
OF_KINDS = (definitions, instances, builtin, workloads, manifests)
MODULES = (*GENERAL, *OF_KINDS)
"""In the order in which they are asked: what is defined on the way is there for those that come later."""
PROBES = tuple(one for module in MODULES for one in module.PROBES)
RECORDED = Path(__file__).with_name("answers_of_1_36_3.json.xz")
RECORDED_AT = datetime(2026, 11, 27, 10, 44, tzinfo=UTC)
"""The recorded answers tell ages of this day."""


def clock_of_the_recording() -> datetime:
    return RECORDED_AT


def read() -> dict[str, list[Answer]]:
    with lzma.open(RECORDED, "rt") as file:
        return json.load(file)


def write(answers: dict[str, list[Answer]]) -> None:
    with lzma.open(RECORDED, "wt") as file:
        json.dump(answers, file, indent=0, ensure_ascii=False)


UNSTEADY = frozenset(
    {"watch initial events with bookmarks", "watch initial events as partial", "watch list", "watch list of widgets"}
)
"""Probes whose answer depends on the load."""
