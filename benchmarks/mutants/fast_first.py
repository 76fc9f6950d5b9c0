"""A plugin of pytest: tests in the order of how long they took when mutmut measured them, so that a mutant soon meets its end."""
# ruff: noqa: INP001 - part of a script

import json
from pathlib import Path

import pytest

MEASURED = Path("mutmut-stats.json")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The fast ones first; as they stand where nothing is measured yet."""
    if MEASURED.exists():
        seconds = json.loads(MEASURED.read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
