"""The definition of what was carried, or its namespace, is being deleted in the destination. Twin: it only gets a label."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.trial import rules
from harness.world.world import ObjectKey

RULE = rules.ONE_LIFE
MOMENTS = ("settling", "late")
VARIANTS = TWINS = ("BareMetalHost", "Metal3Machine", "Namespace")


def foundation(draft: Draft) -> ObjectKey:
    """The object that others rest on, in the destination."""
    run = draft.run
    if draft.variant == "Namespace":
        key = find.host_copy(draft)._replace(kind="Namespace", namespace="", name=draft.host.namespace)
        objects.add(draft, key, {"apiVersion": "v1"}, at=run.interval("before", draft.host)[0], listed=True)
        return key
    for key in run.world.keys(run.destination, "CustomResourceDefinition"):
        if run.world.objects[key][-1].get("spec", "names", "kind") == draft.variant:
            return key
    raise NotApplicableError(f"the definition of {draft.variant}")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.rewrite(draft, foundation(draft), changes.marked_for_deletion(draft))
    return fails("lives_on")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, foundation(draft), changes.put("metadata", "labels", "team", value="blue"))
