"""Events of the core/v1 kind, as the recorded controllers write them."""

import time
from dataclasses import dataclass

from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.resources import EVENTS
from harness.emulated.kube.times import timestamp


@dataclass(frozen=True, slots=True)
class EventSource:
    """Who speaks: `component` in `source`, `reporting` in `reportingComponent`.

    `by_recorder`: through client-go's recorder, which names events after their object and the time, and tells the object's version.
    """

    component: str
    reporting: str
    by_recorder: bool = False


BMO = EventSource("metal3-baremetal-controller", "metal3.io/baremetal-controller")
CLUSTER = EventSource("cluster-controller", "cluster-controller", by_recorder=True)
MACHINE = EventSource("machine-controller", "machine-controller", by_recorder=True)
MACHINE_SET = EventSource("machineset-controller", "machineset-controller", by_recorder=True)
CONTROL_PLANE = EventSource("kubeadm-control-plane-controller", "kubeadm-control-plane-controller", by_recorder=True)
MACHINE_DEPLOYMENT = EventSource("machinedeployment-controller", "machinedeployment-controller", by_recorder=True)


def event(about: Json, source: EventSource, reason: str, message: str, *, related: Json | None = None) -> Json:
    """The Event object about `about`; a name that it does not have is the server's to make."""
    meta, now = about["metadata"], timestamp()
    involved = {
        "apiVersion": about["apiVersion"],
        "kind": about["kind"],
        "name": meta["name"],
        "namespace": meta["namespace"],
        "uid": meta["uid"],
    }
    naming = {"generateName": f"{reason}-"}
    if source.by_recorder:
        involved["resourceVersion"] = meta["resourceVersion"]
        naming = {"name": f"{meta['name']}.{time.time_ns():x}"}
    made: Json = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {**naming, "namespace": meta["namespace"]},
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "source": {"component": source.component},
        "firstTimestamp": now,
        "lastTimestamp": now,
        "eventTime": None,
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
