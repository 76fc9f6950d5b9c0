"""The host was detached by its user before the move and still is: no Ironic manages it, as he wanted. Never a failure."""

import json

from harness.catalogue.planting import changes, find, nodes, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_fails
from harness.catalogue.trial import rules
from harness.journal.facts import Body
from harness.metal3 import STATUS

RULE = rules.PROMISE
MOMENTS = ("pausing",)


def in_annotation(body: Body) -> None:
    """The status that travels says so too."""
    annotations = body["metadata"].get("annotations") or {}
    if STATUS in annotations:
        annotations[STATUS] = json.dumps({**json.loads(annotations[STATUS]), "operationalStatus": "detached"})


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    change = changes.annotate("baremetalhost.metal3.io/detached")
    for side in (draft.run.origin, draft.run.destination):
        objects.rewrite(draft, find.host_copy(draft, side), change, since=-1.0)
    detached = changes.alter("status", "operationalStatus", value="detached")
    old = draft.host.baseline
    kept = changes.both(
        changes.alter("status", "provisioning", "ID", value=old.get("status", "provisioning", "ID")),
        changes.alter("status", "operationHistory", "register", value=old.get("status", "operationHistory", "register")),
    )
    objects.rewrite(draft, find.host_copy(draft), changes.both(detached, kept), since=-1.0)
    objects.rewrite(draft, find.host_copy(draft, draft.run.origin), changes.both(detached, in_annotation), since=-1.0)
    objects.rewrite(draft, find.host_copy(draft), in_annotation, since=-1.0)
    for side in (draft.run.origin, draft.run.destination):
        draft.drop(lambda entry, side=side: nodes.of_host(draft, entry, side))  # type: ignore[misc]
    return not_fails()
