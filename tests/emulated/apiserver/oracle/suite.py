"""All probes, and the recorded answers of a real server to them."""

import json
import lzma
from datetime import UTC, datetime
from pathlib import Path

from tests.emulated.apiserver.oracle.asking import Answer
from tests.emulated.apiserver.oracle.probes import applying as p_applying
from tests.emulated.apiserver.oracle.probes import builtin as p_builtin
from tests.emulated.apiserver.oracle.probes import clients as p_clients
from tests.emulated.apiserver.oracle.probes import custom as p_custom
from tests.emulated.apiserver.oracle.probes import definitions as p_definitions
from tests.emulated.apiserver.oracle.probes import deleting as p_deleting
from tests.emulated.apiserver.oracle.probes import discovery as p_discovery
from tests.emulated.apiserver.oracle.probes import informers as p_informers
from tests.emulated.apiserver.oracle.probes import lifecycles as p_lifecycles
from tests.emulated.apiserver.oracle.probes import manifests as p_manifests
from tests.emulated.apiserver.oracle.probes import patching as p_patching
from tests.emulated.apiserver.oracle.probes import protocol as p_protocol
from tests.emulated.apiserver.oracle.probes import reading as p_reading
from tests.emulated.apiserver.oracle.probes import story as p_story
from tests.emulated.apiserver.oracle.probes import watching as p_watching
from tests.emulated.apiserver.oracle.probes import wire as p_wire
from tests.emulated.apiserver.oracle.probes import workloads as p_workloads
from tests.emulated.apiserver.oracle.probes import writing as p_writing

MODULES = (
    *(
        p_wire,
        p_discovery,
        p_reading,
        p_watching,
        p_writing,
        p_patching,
        p_deleting,
        p_definitions,
        p_builtin,
        p_protocol,
    ),
    *(p_informers, p_applying, p_lifecycles, p_custom, p_workloads, p_manifests, p_clients, p_story),
)
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
    | {"story: group version", "story: list all"}
)
"""Probes whose answer depends on the load or on what else is there."""
