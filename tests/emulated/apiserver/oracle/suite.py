"""All probes, and the recorded answers of a real server to them."""

import json
import lzma
from pathlib import Path

from tests.emulated.apiserver.oracle import (
    p_builtin,
    p_definitions,
    p_deleting,
    p_discovery,
    p_patching,
    p_protocol,
    p_reading,
    p_story,
    p_watching,
    p_writing,
)
from tests.emulated.apiserver.oracle.asking import Answer

MODULES = (p_discovery, p_reading, p_watching, p_writing, p_patching, p_deleting, p_definitions, p_builtin, p_protocol, p_story)
PROBES = tuple(one for module in MODULES for one in module.PROBES)
RECORDED = Path(__file__).with_name("answers_of_1_36_3.json.xz")


def read() -> dict[str, list[Answer]]:
    with lzma.open(RECORDED, "rt") as file:
        return json.load(file)


def write(answers: dict[str, list[Answer]]) -> None:
    with lzma.open(RECORDED, "wt") as file:
        json.dump(answers, file, indent=0, ensure_ascii=False)


UNSTEADY = frozenset(
    {"watch initial events with bookmarks", "watch initial events as partial", "story: group version", "story: list all"}
)
"""Probes whose answer depends on the load or on what else is there."""
