"""Refuses an Ironic or a Baremetal Operator that would act on a host which the other cluster owns.

A copy that is left un-paused, or on its way out without its pause, is deprovisioned by whoever is started beside it: in a recorded run an
Ironic that was started again powered a moved server off and erased its disk, and its owner showed nothing. Both clusters are asked anew,
as what was seen a moment ago may be over.
"""

from collections.abc import Iterator
from typing import NamedTuple

from harness.bench.bench import Bench, step_error
from harness.errors import StepFailedError
from harness.journal.facts import SIDES, Body, Side
from harness.kube.absent import list_if_served
from harness.kube.errors import ClusterError
from harness.metal3 import DELETE_FOR_MOVE, HOSTS_PATH, PAUSED, PAUSED_BY_CAPM3


class Danger(NamedTuple):
    """A copy on which whoever is started would act, and the state of the host where it is owned."""

    name: str
    how: str
    state: str


async def refuse_two_owners(bench: Bench, side: Side, what: str) -> None:
    """StepFailedError where this side holds such a copy: nothing was started."""
    other = SIDES[1 - SIDES.index(side)]
    found = list(dangers(await hosts_of(bench, side), await hosts_of(bench, other)))
    if not found:
        return
    told = "; ".join(f"{each.name} stands there {each.how}, and the {other} owns it (`{each.state}`)" for each in found)
    names = " ".join(each.name for each in found)
    pause = f"kubectl -n {bench.namespace} annotate baremetalhosts {names} {PAUSED}={PAUSED_BY_CAPM3}"
    cure = (
        f"in the {side} `{pause}`, then take the finalizers of {names} away and delete it; or finish the move by `recover_move`"
    )
    raise StepFailedError(f"{what} of the {side} is not started, it would act on servers of the {other}: {told}; cure: {cure}")


async def hosts_of(bench: Bench, side: Side) -> list[Body]:
    """The BareMetalHosts of a cluster now; none where it does not know them."""
    try:
        return await list_if_served(bench.clusters[side], HOSTS_PATH.format(namespace=bench.namespace))
    except ClusterError as error:
        raise step_error(error) from error


def dangers(here: list[Body], there: list[Body]) -> Iterator[Danger]:
    """The copies here that are not held back, of hosts that are owned there."""
    for copy in here:
        how = loose(copy)
        owned = next((host for host in there if is_same(copy, host) and owns(host, leaving=how != UNPAUSED)), None)
        if how and owned:
            yield Danger(str(copy["metadata"]["name"]), how, state_of(owned) or "on its way")


UNPAUSED = "un-paused"


def loose(copy: Body) -> str:
    """Why an operator or an Ironic would act on this copy; empty where it would not."""
    metadata = copy["metadata"]
    if metadata.get("deletionTimestamp"):
        return "terminating"
    annotations = metadata.get("annotations") or {}
    if PAUSED in annotations:
        return ""
    return f"{UNPAUSED}, marked to be deleted by the move" if DELETE_FOR_MOVE in annotations else UNPAUSED


def owns(host: Body, *, leaving: bool) -> bool:
    """Is this the copy that stays? Of a copy that is leaving the other side, it is, however far it has come."""
    going = host["metadata"].get("deletionTimestamp") or DELETE_FOR_MOVE in (host["metadata"].get("annotations") or {})
    return not going and (leaving or bool(state_of(host)))


def state_of(host: Body) -> str:
    """Its provisioning state; empty where nobody has taken it over yet."""
    return str(((host.get("status") or {}).get("provisioning") or {}).get("state") or "")


def is_same(one: Body, other: Body) -> bool:
    """Do both command one server? One name with two BMCs is two servers."""
    addresses = [str((each.get("spec") or {}).get("bmc", {}).get("address") or "").rstrip("/") for each in (one, other)]
    named = one["metadata"]["name"] == other["metadata"]["name"]
    return addresses[0] == addresses[1] if all(addresses) else named
