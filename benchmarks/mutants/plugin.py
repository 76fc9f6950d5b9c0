"""A plugin of pytest, for mutmut's runs of it: they take a fraction of the time."""
# ruff: noqa: INP001 - part of a script

import json
import os
from pathlib import Path

import pytest
from mutmut.mutation import trampoline

MEASURED = Path("mutmut-stats.json")


def pytest_configure() -> None:
    """Every call of a function asks which mutant is tried; one run of pytest tries one, so it is looked up once."""
    chosen = os.environ.get("MUTANT_UNDER_TEST", "")
    trampoline.get_mutant_under_test = lambda: chosen


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests that were fast when mutmut measured them first, so that a mutant soon meets its end; as they stand before that."""
    if MEASURED.exists():
        seconds = json.loads(MEASURED.read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
