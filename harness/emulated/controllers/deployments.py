"""Stands in for kubelet and Deployment controller: a part runs exactly while its Deployment wants a replica."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp

from harness.emulated.controllers.informer import RETRY_SECONDS, Informer, NamespacedName, key_of
from harness.emulated.kube.client import Client, Json, NotFoundError
from harness.emulated.kube.resources import DEPLOYMENTS

RunPart = Callable[[], Awaitable[None]]
"""Runs until cancelled; a fresh one for every start. One that is not ready as soon as it is started has an Event `ready`."""

log = logging.getLogger(__name__)


class Deployments:
    """Starts and stops the parts of one cluster as its Deployments say, and writes the status of every Deployment."""

    def __init__(self, client: Client, parts: dict[NamespacedName, RunPart]) -> None:
        self._client = client
        self._parts = parts
        self._informer = Informer(client, DEPLOYMENTS)
        self._running: dict[NamespacedName, asyncio.Task[None]] = {}
        self._templates: dict[NamespacedName, Json] = {}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Follow the Deployments until cancelled; a part that dies of a bug takes the lab with it."""
        self._informer.on_change(lambda _before, _after: self._changed.set())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._informer.run())
            while True:
                await self._changed.wait()
                self._changed.clear()
                for key, part in self._parts.items():
                    await self._follow(tasks, key, part)
                for deployment in list(self._informer.items()):
                    await self._report(deployment)

    async def _tell_ready(self, ready: asyncio.Event) -> None:
        await ready.wait()
        self._changed.set()

    async def _follow(self, tasks: asyncio.TaskGroup, key: NamespacedName, part: RunPart) -> None:
        deployment = self._informer.get(key)
        wanted = deployment is not None and _replicas(deployment) > 0
        template = deployment["spec"]["template"] if deployment else {}
        if wanted and key in self._running and self._templates.get(key) != template:
            log.info("restarting %s/%s: it has another template", *key)
            await _end(self._running.pop(key))
        self._templates[key] = template
        if wanted and key not in self._running:
            log.info("starting %s/%s", *key)
            self._running[key] = tasks.create_task(_run(part))
            if (ready := _ready_of(part)) is not None:
                tasks.create_task(self._tell_ready(ready))
        if not wanted and key in self._running:
            log.info("stopping %s/%s", *key)
            await _end(self._running.pop(key))

    async def _report(self, deployment: Json) -> None:
        ready = _ready_of(self._parts.get(key_of(deployment)))
        wanted = _status(deployment, ready=ready is None or ready.is_set())
        if deployment.get("status", {}) == wanted:
            return
        try:
            await self._client.merge_patch(DEPLOYMENTS, deployment, {"status": _patch(deployment, wanted)}, subresource="status")
        except NotFoundError:
            log.info("deployment %s/%s went while its status was written", *key_of(deployment))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.info("the status of %s/%s cannot be written: %s", *key_of(deployment), error or type(error).__name__)
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._changed.set)


async def _run(part: RunPart) -> None:
    await part()


def _ready_of(part: RunPart | None) -> asyncio.Event | None:
    return getattr(part, "ready", None)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def _replicas(deployment: Json) -> int:
    replicas: int = deployment["spec"].get("replicas", 1)
    return replicas


def _status(deployment: Json, *, ready: bool) -> Json:
    replicas = _replicas(deployment)
    names = ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas") if ready else ("replicas", "updatedReplicas")
    return {"observedGeneration": deployment["metadata"]["generation"], **(dict.fromkeys(names, replicas) if replicas else {})}


def _patch(deployment: Json, wanted: Json) -> Json:
    return {name: wanted.get(name) for name in {*deployment.get("status", {}), *wanted}}
