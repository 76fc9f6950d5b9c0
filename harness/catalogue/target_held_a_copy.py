"""The destination had an un-paused copy of the host before the move, without a status: its operator takes the running server for new.

Twin: it had a host of its own there, with another BMC.
"""

import msgspec

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules
from harness.world.world import ObjectKey

RULE = rules.UNIQUENESS
MOMENTS = ("pausing",)


def overwrite(draft: Draft, key: ObjectKey) -> None:
    """The mover finds the object there, and writes over it: it keeps its uid."""
    objects.rewrite(draft, key, changes.put("metadata", "uid", value="seeded"), since=-1.0)
    born = objects.versions(draft, key)[0]
    draft.alter(lambda entry: msgspec.structs.replace(born.fact, change="modified") if entry is born else None)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.host_copy(draft)
    body = {name: draft.host.baseline.get(name) for name in ("apiVersion", "spec")}
    overwrite(draft, key)
    objects.add(draft, key, {**body, "metadata": {"uid": "seeded"}}, at=draft.run.interval("before", draft.host)[0], listed=True)
    return not_passes(
        "one_owner", "objects_arrive", "preflight_hosts", "preflight_objects", "hosts_keep_state", hosts=[draft.host.name]
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.host_copy(draft)._replace(name="resident")
    bmc = {"address": "redfish://192.0.2.99/redfish/v1/Systems/1", "credentialsName": "resident-bmc"}
    spec = {"online": True, "bmc": bmc, "bootMACAddress": "52:54:00:99:99:99"}
    body = {"apiVersion": draft.host.baseline.get("apiVersion"), "spec": spec}
    objects.add(draft, key, body, at=draft.run.interval("before", draft.host)[0], listed=True)
