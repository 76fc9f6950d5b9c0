"""An embedded lab in its own process, watched and moved through its API servers only."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from harness.emulated.controllers.informer import Informer
from harness.emulated.controllers.kubeconfig import client_of
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import DEPLOYMENTS, EVENTS, HOSTS, MACHINES, METAL3_MACHINES, ResourceMapping
from harness.emulated.seed import steady
from tests.emulated.controllers.host_timeline import events

READY_SECONDS = 60
FACT_SECONDS = 100
END_SECONDS = 30
WATCHED = (DEPLOYMENTS, HOSTS, MACHINES, METAL3_MACHINES, EVENTS)
SPEED = 20.0


@dataclass
class RunningLab:
    """The lab's directory, a client and informers a side, and every change seen, in order of arrival."""

    directory: Path
    process: asyncio.subprocess.Process
    clients: dict[str, Client] = field(default_factory=dict)
    informers: dict[tuple[str, str], Informer] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def lab(self) -> dict[str, Any]:
        return yaml.safe_load((self.directory / "lab.yaml").read_text())

    def all(self, side: str, resource: ResourceMapping) -> list[dict[str, Any]]:
        return list(self.informers[side, resource.kind].items())

    async def until(self, fact: Callable[[], bool], limit_seconds: float = FACT_SECONDS) -> None:
        """Wait until a watched change makes the fact true."""
        async with asyncio.timeout(limit_seconds):
            while not fact():
                self.changed.clear()
                await self.changed.wait()

    async def scale(self, side: str, replicas: int, *keys: tuple[str, str]) -> None:
        """Scale Deployments and wait until they report it."""
        for namespace, name in keys:
            patch = {"spec": {"replicas": replicas}}
            await self.clients[side].merge_patch(DEPLOYMENTS, {"metadata": {"namespace": namespace, "name": name}}, patch)
        for key in keys:
            await self.until(lambda key=key: self._has(side, key, replicas))

    def _has(self, side: str, key: tuple[str, str], replicas: int) -> bool:
        deployment = self.informers[side, "Deployment"].get(key)
        assert deployment is not None
        status = deployment["status"]
        current = status["observedGeneration"] == deployment["metadata"]["generation"]
        return current and deployment["spec"]["replicas"] == replicas == status.get("readyReplicas", 0)

    async def hand_over(self, from_side: str, to_side: str) -> None:
        """What people do before a move: Ironic and BMO stop here and start there."""
        await self.scale(from_side, 0, steady.IRONIC, steady.BMO)
        await self.scale(to_side, 1, steady.IRONIC, steady.BMO)

    async def move(self, from_side: str, to_side: str, *, clusterctl: str = "") -> int:
        """Move with the lab's own mover, or with a real clusterctl; the exit code."""
        mover = [clusterctl] if clusterctl else [sys.executable, "-m", "harness.emulated.mover"]
        kubeconfigs = [str(self.directory / f"{side}.kubeconfig") for side in (from_side, to_side)]
        more = {"MOVER_SPEED": str(SPEED), "HOME": str(self.directory), "CLUSTERCTL_DISABLE_VERSIONCHECK": "true"}
        process = await asyncio.create_subprocess_exec(
            *(*mover, "move", "--kubeconfig", kubeconfigs[0], "--to-kubeconfig", kubeconfigs[1], "-n", "metal3"),
            env={**os.environ, **more},
            stderr=asyncio.subprocess.PIPE,
        )
        await process.communicate()
        assert process.returncode is not None
        return process.returncode

    def is_settled(self, side: str) -> bool:
        """Every Machine runs, and every host is registered and where it belongs."""
        hosts, machines = self.all(side, HOSTS), self.all(side, MACHINES)
        phases = {machine.get("status", {}).get("phase") for machine in machines}
        told = all("BMCAccessValidated" in events(self.changes, side, host["metadata"]["name"]) for host in hosts)
        return bool(hosts) and phases == {"Running"} and told and all(_is_registered(host) for host in hosts)


def _is_registered(host: dict[str, Any]) -> bool:
    status = host.get("status", {})
    good = status.get("goodCredentials", {}).get("credentialsVersion")
    ended = status.get("operationHistory", {}).get("register", {}).get("end")
    where = "provisioned" if "consumerRef" in host["spec"] else "available"
    return bool(good and ended and status["poweredOn"] and status["provisioning"]["state"] == where)


async def start(
    directory: Path, *more: str, stdin: int | None = asyncio.subprocess.PIPE, **config: Any
) -> asyncio.subprocess.Process:
    """Start the process and wait for its ready line; its target is a cluster of its own, also where nothing is provisioned."""
    (directory / "embedded.json").write_text(json.dumps({"speed": SPEED, "target": "other", **config}))
    arguments = ["--config", str(directory / "embedded.json"), "--dir", str(directory), *more]
    with (directory / "lab.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "harness.emulated", *arguments), stdin=stdin, stdout=asyncio.subprocess.PIPE, stderr=log
        )
    assert process.stdout is not None
    async with asyncio.timeout(READY_SECONDS):
        line = (await process.stdout.readline()).decode()
    assert line == f"ready {directory}/lab.yaml\n", (directory / "lab.log").read_text()
    return process


@contextlib.asynccontextmanager
async def running_lab(directory: Path, **config: Any) -> AsyncIterator[RunningLab]:
    """A lab with both sides watched; it must end cleanly."""
    process = await start(directory, **config)
    lab = RunningLab(directory, process)
    try:
        async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            watches = [await _watch(lab, side, resource, stack, tasks) for side in ("source", "target") for resource in WATCHED]
            yield lab
            for watch in watches:
                watch.cancel()
    finally:
        process.terminate()
        async with asyncio.timeout(END_SECONDS):
            assert await process.wait() == 0, (directory / "lab.log").read_text()


async def _watch(
    lab: RunningLab, side: str, resource: ResourceMapping, stack: contextlib.AsyncExitStack, tasks: asyncio.TaskGroup
) -> asyncio.Task[None]:
    if side not in lab.clients:
        client = client_of((lab.directory / f"{side}.kubeconfig").read_text(), user_agent="test")
        lab.clients[side] = await stack.enter_async_context(client)
    informer = lab.informers[side, resource.kind] = Informer(lab.clients[side], resource)

    def note(before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        came = "ADDED" if informer.synced.is_set() else "LISTED"
        kind = came if before is None else "DELETED" if after is None else "MODIFIED"
        obj = after or before or {}
        lab.changes.append({"cluster": side, "type": kind, "kind": resource.kind, "name": obj["metadata"]["name"], "object": obj})
        lab.changed.set()

    informer.on_change(note)
    task = tasks.create_task(informer.run())
    await informer.synced.wait()
    return task
