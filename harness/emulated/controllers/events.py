"""Events of the core/v1 kind, as the recorded controllers write them."""

from dataclasses import dataclass

from harness.emulated.client import Client, Json
from harness.emulated.pace import timestamp
from harness.emulated.resources import EVENTS


@dataclass(frozen=True, slots=True)
class Source:
    """Who speaks: `component` in `source`, `reporting` in `reportingComponent`."""

    component: str
    reporting: str


BMO = Source("metal3-baremetal-controller", "metal3.io/baremetal-controller")
CLUSTER = Source("cluster-controller", "cluster-controller")
MACHINE = Source("machine-controller", "machine-controller")
MACHINE_SET = Source("machineset-controller", "machineset-controller")
MACHINE_DEPLOYMENT = Source("machinedeployment-controller", "machinedeployment-controller")


def event(about: Json, source: Source, reason: str, message: str, *, related: Json | None = None) -> Json:
    """The Event object about `about`; the server completes its name."""
    meta, now = about["metadata"], timestamp()
    involved = {
        "apiVersion": about["apiVersion"],
        "kind": about["kind"],
        "name": meta["name"],
        "namespace": meta["namespace"],
        "uid": meta["uid"],
    }
    made: Json = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"generateName": f"{reason}-", "namespace": meta["namespace"]},
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "source": {"component": source.component},
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
        "type": "Normal",
        "reportingComponent": source.reporting,
        "reportingInstance": "",
    }
    if related:
        made["related"] = {key: related[key] for key in ("apiVersion", "kind", "name", "namespace") if key in related}
    return made


async def publish(client: Client, made: Json) -> None:
    """Write the event."""
    await client.create(EVENTS, made)
