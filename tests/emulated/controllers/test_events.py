"""Events as the recorded controllers write them, field by field."""

import json
import lzma
import re
from pathlib import Path
from typing import Any

import pytest

from harness.emulated.controllers import events

RECORDINGS = Path(__file__).parents[2] / "recordings"
SOURCES = {source.component: source for source in (events.BMO, events.CLUSTER, events.MACHINE)}
DATES = ("firstTimestamp", "lastTimestamp")


def recorded() -> list[Any]:
    """One event of each reason, of a pivot and of a deprovisioning, by a controller that we simulate."""
    found: dict[str, Any] = {}
    for name in ("b-good-pivot", "h-deprovision-after-repivot"):
        with lzma.open(RECORDINGS / name / "watch.jsonl.xz", "rt") as lines:
            rows = [json.loads(line) for line in lines]
        bodies = [row["object"] for row in rows if row.get("kind") == "Event"]
        found |= {body["reason"]: body for body in bodies if body["source"]["component"] in SOURCES}
    return list(found.values())


def test_every_kind_of_event_is_there():
    components = {body["source"]["component"] for body in recorded()}

    assert components == set(SOURCES)
    assert len(recorded()) >= 12


@pytest.mark.parametrize("real", recorded(), ids=lambda real: real["reason"])
def test_an_event_has_the_fields_and_the_kind_of_name_that_it_had(real):
    about = real["involvedObject"]
    meta = {"name": about["name"], "namespace": about["namespace"], "uid": about["uid"]}
    meta["resourceVersion"] = about.get("resourceVersion", "1")
    obj = {"apiVersion": about["apiVersion"], "kind": about["kind"], "metadata": meta}
    source = SOURCES[real["source"]["component"]]
    made = events.event(obj, source, real["reason"], real["message"], related=real.get("related"))
    ours, theirs = ({key: value for key, value in it.items() if key not in ("metadata", *DATES)} for it in (made, real))

    assert ours == theirs
    assert made["metadata"].get("generateName") == real["metadata"].get("generateName")
    assert shape(made["metadata"].get("name", "")) == (
        "" if "generateName" in real["metadata"] else shape(real["metadata"]["name"])
    )


def shape(name: str) -> str:
    """A name with its nanoseconds left out."""
    return re.sub(r"\.[0-9a-f]{16}$", ".TIME", name)
