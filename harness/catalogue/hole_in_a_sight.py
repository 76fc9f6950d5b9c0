"""Five seconds in mid-move were not seen by one witness that nothing else stands in for.

Twin: the source delivered afterwards what had happened.
"""

from harness.catalogue.planting import find, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, unknown
from harness.catalogue.trial import rules
from harness.world.coverage import SightKey

RULE = rules.UNTIL_WHEN
CHECKS = ("hosts_keep_state", "history_unchanged", "one_owner", "hosts_adopted", "nodes_untouched", "objects_arrive")
MOMENTS = ("pausing", "creating", "deleting", "settling")
VARIANTS = ("hosts of the origin", "hosts of the destination", "Ironic", "Nodes")
TWINS = VARIANTS


def key_of(draft: Draft) -> SightKey:
    """The sight that has the hole."""
    return {
        "hosts of the origin": SightKey("kube", draft.run.origin, "BareMetalHost"),
        "hosts of the destination": SightKey("kube", draft.run.destination, "BareMetalHost"),
        "Ironic": SightKey("ironic", draft.run.destination),
        "Nodes": SightKey("kube", "workload", "Node"),
    }[draft.variant]


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = key_of(draft)
    sights.hole(draft, key, draft.time, draft.after(5))
    return unknown(*CHECKS, hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    sights.hole(draft, key_of(draft), draft.time, draft.after(5), bridged=True)
