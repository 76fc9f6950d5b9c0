"""Nothing but other ways to say the same, and what a user may do: empty members, letter case, newer defaults, a dry run, a second move."""

from collections.abc import Callable

from harness.catalogue.planting import changes, find, objects, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, passes
from harness.catalogue.trial import rules
from harness.journal.facts import MoverEnded, MoverStarted
from harness.metal3 import PAUSED
from harness.world.nodes import node_timeline

RULE = rules.ABSENCE
MOMENTS = ("late",)


def left_away(draft: Draft) -> None:
    """The destination's programs leave a false and an empty member of the host away."""
    key = find.host_copy(draft, draft.run.origin)
    members = changes.both(
        changes.put("spec", "externallyProvisioned", value=False), changes.put("spec", "description", value="")
    )
    objects.rewrite(draft, key, members, since=-1.0)


def filled_in(draft: Draft) -> None:
    """A newer provider's definitions fill in members that the older ones do not know."""
    for key in draft.run.world.keys(draft.run.destination, "Provider"):
        objects.rewrite(draft, key, changes.put("version", value="v99.0.0"), since=-1.0)
    objects.rewrite(draft, find.own(draft, "MachineDeployment"), changes.put("spec", "naming", value="short"), since=-1.0)
    template = changes.put("spec", "template", "spec", "mode", value="agent")
    objects.rewrite(draft, find.own(draft, "Metal3MachineTemplate"), template, since=-1.0)


def other_case(draft: Draft) -> None:
    """A newer kubelet writes the server's UUID in capitals."""
    timeline = node_timeline(draft.run.world, draft.host)
    uuid = timeline[-1].get("status", "nodeInfo", "systemUUID") if timeline else ""
    servers.node_info(draft, {"systemUUID": str(uuid).upper(), "kubeletVersion": "v1.99.0"}, since=draft.time)


def not_inspected(draft: Draft) -> None:
    """A user says that the host shall not be inspected."""
    objects.write(draft, find.host_copy(draft), changes.annotate("inspect.metal3.io", "disabled"), objects.USER)


def paused_for_a_while(draft: Draft) -> None:
    """A user pauses the host, and un-pauses it some seconds later."""
    objects.write(draft, find.host_copy(draft), changes.annotate(PAUSED, "anna"), objects.USER, until=draft.after(3))


def another_mover(draft: Draft, command: str, *, at: float) -> None:
    """One start of the mover more, which ends well."""
    run = draft.run
    draft.tell(MoverStarted(mover=99, origin=run.origin, destination=run.destination, command=command), at=at)
    draft.tell(MoverEnded(mover=99, code=0), at=at + 0.01)


def dry_run(draft: Draft) -> None:
    """The move was tried without doing anything, shortly before."""
    another_mover(draft, "clusterctl move --dry-run", at=draft.run.move.since - 0.1)


def elsewhere(draft: Draft) -> None:
    """Another namespace was moved shortly before."""
    if not (draft.run.world.run and draft.run.world.run.namespace):
        raise NotApplicableError("a run that tells its namespace")
    another_mover(draft, "clusterctl move --namespace elsewhere", at=draft.run.move.since - 0.1)


def resident(draft: Draft) -> None:
    """The destination has a Cluster of its own, whose host runs."""
    spec = {
        "bmc": {"address": "redfish://192.0.2.99/redfish/v1/Systems/1"},
        "bootMACAddress": "52:54:00:99:99:99",
        "online": True,
    }
    spec["consumerRef"] = {"kind": "Metal3Machine", "name": "resident"}
    status = {"poweredOn": True, "operationalStatus": "OK", "provisioning": {"state": "provisioned", "ID": "resident"}}
    began = draft.run.interval("before", draft.host)[0]
    objects.add(draft, find.host_copy(draft)._replace(name="resident"), {"spec": spec, "status": status}, at=began, listed=True)


FORMS: dict[str, Callable[[Draft], None]] = {
    "left away": left_away,
    "filled in": filled_in,
    "other case": other_case,
    "not inspected": not_inspected,
    "paused for a while": paused_for_a_while,
    "dry run": dry_run,
    "elsewhere": elsewhere,
    "resident": resident,
}
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    FORMS[draft.variant](draft)
    return passes()
