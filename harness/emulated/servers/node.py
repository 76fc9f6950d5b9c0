"""The Node of a server in the workload cluster: what its kubelet writes, and what the cluster says of it when it is silent."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from harness.emulated.kube.client import Client, Json, NotFoundError, StatusError
from harness.emulated.kube.resources import NODES
from harness.emulated.kube.times import timestamp
from harness.emulated.plan.images import family_of
from harness.emulated.servers.disk import Disk

RETRY_SECONDS = 1.0
PASSING = frozenset({404, 409, 429})
"""Errors that a retry may avoid: the object was changed or deleted meanwhile."""
PRESSURES = {
    "MemoryPressure": "KubeletHasSufficientMemory",
    "DiskPressure": "KubeletHasNoDiskPressure",
    "PIDPressure": "KubeletHasSufficientPID",
}
KUBELET = {
    "containerRuntimeVersion": "containerd://2.1",
    "kubeProxyVersion": "",
    "operatingSystem": "linux",
    "architecture": "amd64",
}


class NodeOf:
    """One server's Node. Every call goes on until the API server has taken it: a kubelet does not give up.

    Only what others would tell of it is not told while nobody can be told: while not `is_heard`.
    """

    def __init__(self, client: Client, *, system_uuid: str, address: str, is_heard: Callable[[], bool] = lambda: True) -> None:
        self._client = client
        self._is_heard = is_heard
        self._system_uuid = system_uuid
        self._address = address

    async def running(self, disk: Disk, boot_id: str) -> None:
        """The system on this disk runs: register, or report the new boot. A newly written disk is a new Node."""
        await self._insist(lambda: self._running(disk, boot_id), lambda: True)

    async def silent(self, name: str, why: str) -> None:
        """Nothing has been heard of it: Ready is Unknown. Nothing happens where there is no such Node."""
        await self._insist(lambda: self._silent(name, why), self._is_heard)

    async def gone(self, name: str) -> None:
        """The system is no more: its Node is deleted."""
        await self._insist(lambda: self._gone(name), self._is_heard)

    async def _insist(self, call: Callable[[], Awaitable[None]], while_: Callable[[], bool]) -> None:
        while while_():
            try:
                await call()
            except StatusError as error:
                if error.code < 500 and error.code not in PASSING:
                    raise
            except (aiohttp.ClientError, TimeoutError):
                pass
            else:
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _running(self, disk: Disk, boot_id: str) -> None:
        node = await self._find(disk.node_name)
        if node and node.get("status", {}).get("nodeInfo", {}).get("machineID") not in ("", None, disk.machine_id):
            await self._gone(disk.node_name)
            node = None
        if node is None:
            node = await self._client.create(NODES, _new(disk))
        status = self._status(disk, boot_id)
        await self._client.merge_patch(NODES, node, {"status": status}, subresource="status")

    async def _silent(self, name: str, why: str) -> None:
        node = await self._find(name)
        if node is None:
            return
        kept = [said for said in node.get("status", {}).get("conditions", []) if said["type"] != "Ready"]
        unknown = _condition("Ready", "Unknown", "NodeStatusUnknown") | {"message": why}
        await self._client.merge_patch(NODES, node, {"status": {"conditions": [*kept, unknown]}}, subresource="status")

    async def _gone(self, name: str) -> None:
        if await self._find(name) is not None:
            await self._client.delete(NODES, name)

    async def _find(self, name: str) -> Json | None:
        try:
            return await self._client.get(NODES, name)
        except NotFoundError:
            return None

    def _status(self, disk: Disk, boot_id: str) -> dict[str, Any]:
        conditions = [_condition(kind, "False", reason) for kind, reason in PRESSURES.items()]
        addresses = {"InternalIP": self._address, "Hostname": disk.node_name}
        system = family_of(disk.image)
        return {
            "conditions": [*conditions, _condition("Ready", "True", "KubeletReady")],
            "addresses": [{"type": kind, "address": address} for kind, address in addresses.items()],
            "nodeInfo": {
                "machineID": disk.machine_id,
                "systemUUID": self._system_uuid,
                "bootID": boot_id,
                "kernelVersion": system.kernel,
                "osImage": system.os_image,
                "kubeletVersion": system.kubernetes,
                **KUBELET,
            },
        }


def _new(disk: Disk) -> Json:
    labels = {"kubernetes.io/hostname": disk.node_name, **disk.labels}
    spec = {"providerID": disk.provider_id} if disk.provider_id else {}
    meta = {"name": disk.node_name, "labels": labels, **({"annotations": disk.annotations} if disk.annotations else {})}
    return {"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": spec}


def _condition(kind: str, status: str, reason: str) -> dict[str, str]:
    at = timestamp()
    return {"type": kind, "status": status, "reason": reason, "lastHeartbeatTime": at, "lastTransitionTime": at}
