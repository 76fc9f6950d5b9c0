"""What was told before, word for word, beside what is told now: `make approve` writes down what is told from now on.

A change of what the judge says is seen where it shows, and is approved by whoever makes it: by what `git diff` shows of these files.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

WRITES = "APPROVE"
"""The environment variable by which what is told now is taken to be right."""


def assert_approved(path: Path, told: str) -> None:
    """Compare with the file; where it is asked for, write it instead."""
    if os.environ.get(WRITES):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(told, encoding="utf-8")
    known = path.read_text(encoding="utf-8") if path.exists() else ""

    assert told.splitlines() == known.splitlines(), f"`make approve` takes it to be right, and `git diff {path}` shows it"


def news(after: Iterable[str], before: Iterable[str]) -> list[str]:
    """The lines that were not told before."""
    known = set(before)
    return [line for line in after if line not in known]


def told_of(verdict: dict[str, Any]) -> Iterator[str]:
    """What a verdict says, line by line; a pass without its entries, whose numbers are others once something was planted."""
    yield verdict["headline"]
    for name, host in verdict["hosts"].items():
        seen = ", ".join(f"{it['witness']} {it['state']}" for it in host["witnesses"])
        yield f"{name} {host['verdict']}: {seen}"
    for name, host in verdict["unclaimed"].items():
        yield f"{name} unclaimed: {host['states']}, {'; '.join(host['requests'])}"
    for it in verdict["checks"]:
        evidence = "" if it["verdict"] == "pass" else f" {it['evidence']}"
        yield f"{it['verdict']} {it['host'] or 'run'} {it['check']}{evidence}: {it['says']}"
    for it in (*verdict["moves"], *verdict["carried"], verdict["horizon"], *verdict["not_judged"]):
        yield str(it)
    kinds, objects, witnesses = (verdict["coverage"][name] for name in ("kinds", "objects", "witnesses"))
    yield from (str(it) for it in (kinds, objects, *witnesses))
