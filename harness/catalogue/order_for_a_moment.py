"""A user orders a reboot, an inspection or a detachment by an annotation, consumed within a moment. Twin: block-move is set again."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
MOMENTS = ("settling", "late")
VARIANTS = ("reboot.metal3.io", "reboot.metal3.io/now", "inspect.metal3.io", "baremetalhost.metal3.io/detached")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.write(draft, find.host_copy(draft), changes.annotate(draft.variant), USER, until=draft.brief())
    return not_passes(
        "nothing_ordered", "annotations_consumed", "hosts_keep_state", hosts=[draft.host.name], actor=objects.actor(draft, USER)
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.host_copy(draft), changes.annotate("clusterctl.cluster.x-k8s.io/block-move"))
