"""The predictor against recorded moves of the real clusterctl: the same objects, in the same order of groups."""

import lzma
import re
from pathlib import Path

import msgspec
import pytest

from harness.emulated.mover.graph import Graph, movable_types

TRACES = Path(__file__).parents[2] / "recordings"
CREATING = re.compile(r'Creating (\w+)="([^"]+)" Namespace=')
DELETING = re.compile(r'Deleting (\w+)="([^"]+)" Namespace=')


def rows(run, name):
    with lzma.open(TRACES / run / f"{name}.jsonl.xz") as lines:
        return [msgspec.json.decode(line) for line in lines]


def predicted(run, origin, until):
    """The prediction for the state of a cluster at the moment the move began."""
    objects = {}
    for row in rows(run, "watch"):
        if row.get("cluster") != origin or row["at"] > until:
            continue
        key = row["kind"], row["ns"], row["name"]
        objects[key] = None if row["type"] == "DELETED" else row["object"]
    there = [body for body in objects.values() if body]
    types = movable_types(body for body in there if body["kind"] == "CustomResourceDefinition")
    listed = {(one.api_version, one.kind) for one in types}
    graph = Graph(types)
    for body in there:
        if body["metadata"].get("namespace") == "metal3" and (body["apiVersion"], body["kind"]) in listed:
            graph.add(body)
    graph.close("metal3", [])
    return graph.predict()


def said(mover, pattern):
    """Kind and name of each line, once: an attempt that is repeated is told again."""
    return list(dict.fromkeys(found.groups() for row in mover if (found := pattern.match(row.get("line", "")))))


@pytest.mark.parametrize(
    "run",
    [
        *["b-good-pivot", "c-good-repivot", "d-status-annotation-lost", "e-source-ironic-left"],
        *["f-crd-labels-missing", "h-deprovision-after-repivot", "k-target-ironic-dead"],
    ],
)
def test_what_was_created_is_what_was_predicted_group_by_group(run):
    mover = rows(run, "mover")
    start = next(row for row in mover if row.get("what") == "start")
    first = next(row["at"] for row in mover if row.get("line", "").startswith("Discovering"))
    prediction = predicted(run, start["from"], first)
    place = {(node.kind, node.name): index for index, group in enumerate(prediction.groups) for node in group}
    created, deleted = said(mover, CREATING), said(mover, DELETING)
    assert sorted(created) == sorted(place)
    assert sorted(deleted) == sorted((node.kind, node.name) for node in prediction.deleted)
    assert [place[one] for one in created] == sorted(place.values())
    assert [place[one] for one in deleted] == sorted((place[one] for one in deleted), reverse=True)
