"""What happens to a server, as every witness of the run sees it: its BMC, its Node, its Ironic, its Baremetal Operator."""

import contextlib
from collections.abc import Callable

from harness.catalogue.planting import changes, find, nodes, objects, readings
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import NotApplicableError
from harness.journal.entry import FOREVER
from harness.journal.facts import Body

BOOT_SECONDS = 20.0
HEARTBEATS_MISSED_SECONDS = 40.0
POWER_POLL_SECONDS = 10.0
NEW_BOOT = "0b007ed0-0000-4000-8000-00000000cafe"
NEW_MACHINE = "0badd15c000040008000000000000001"


def booted(draft: Draft, *, at: float | None = None, image: bool = False, seconds: float = BOOT_SECONDS) -> None:
    """The server was reset: its BMC latched it, and its Node comes back with another boot (and `image`: another machine)."""
    at = draft.time if at is None else at
    readings.rewrite(draft, readings.with_reset(draft, at), since=at)
    info = {"bootID": NEW_BOOT} | ({"machineID": NEW_MACHINE} if image else {})
    node_info(draft, info, since=draft.after(seconds, of=at))


def node_info(draft: Draft, info: Body, *, since: float) -> None:
    """The Node tells other nodeInfo; nothing where the run does not see Nodes."""

    def change(body: Body) -> None:
        body["status"]["nodeInfo"].update(info)

    quietly(lambda: objects.rewrite(draft, find.node(draft), change, since=since))


def powered_off(draft: Draft, *, at: float | None = None, until: float = FOREVER) -> None:
    """The server is off: its BMC says so, its Node is not ready, its Ironic and its Baremetal Operator see it at their next poll."""
    at = draft.time if at is None else at
    readings.rewrite(draft, readings.with_power("Off"), since=at, until=until)
    if until < FOREVER:
        readings.rewrite(draft, readings.with_reset(draft, until), since=until)
        node_info(draft, {"bootID": NEW_BOOT}, since=draft.after(BOOT_SECONDS, of=until))
    else:
        node_ready(draft, "Unknown", since=draft.after(HEARTBEATS_MISSED_SECONDS, of=at))
    polled = draft.after(POWER_POLL_SECONDS, of=at)
    if polled < until:
        quietly(lambda: nodes.rewrite(draft, changes.put("power_state", value="power off"), since=polled, until=until))
        off = changes.alter("status", "poweredOn", value=False)
        quietly(lambda: objects.rewrite(draft, find.host_copy(draft), off, since=polled, until=until))


def node_ready(draft: Draft, status: str, *, since: float, until: float = FOREVER) -> None:
    """The Node's condition Ready; nothing where the run does not see Nodes."""
    quietly(lambda: objects.rewrite(draft, find.node(draft), condition("Ready", status), since=since, until=until))


def condition(kind: str, status: str, reason: str = "") -> changes.BodyChange:
    """The change of one condition of an object."""

    def change(body: Body) -> None:
        conditions = body.setdefault("status", {}).setdefault("conditions", [])
        for one in conditions:
            if one.get("type") == kind:
                one["status"] = status
                one["reason"] = reason or one.get("reason", "")

    return change


def quietly(plant: Callable[[], None]) -> None:
    """Plant what a witness would show; a run without that witness shows nothing there."""
    with contextlib.suppress(NotApplicableError):
        plant()
