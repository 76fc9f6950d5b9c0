"""Waits until a lab is ready: Deployments have their replicas, and a real Ironic, which starts empty, knows all hosts."""

import asyncio
from collections.abc import Iterable

import msgspec

from harness.emulated.controllers.bmo.ironic_api import IronicApi
from harness.emulated.kube.client import Json
from harness.emulated.kube.resources import DEPLOYMENTS
from harness.emulated.lab.management_cluster import ManagementCluster
from harness.emulated.plan.plan import LabPlan


class ReadinessLimits(msgspec.Struct, frozen=True):
    """How long it may take until a lab is ready, and how often it is asked."""

    emulated_seconds: float = 30.0
    """Of a lab whose parts are all emulated."""
    programs_seconds: float = 400.0
    """Of a lab with real components."""
    poll_seconds: float = 0.05
    adopted_poll_seconds: float = 0.5
    """The same of a real Ironic."""


LIMITS = ReadinessLimits()


async def until_ready(sides: Iterable[ManagementCluster], seconds: float) -> None:
    """Wait until every Deployment has what it wants. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        for side in sides:
            async with side.client() as client:
                while not all(map(_is_ready, (await client.list_all(DEPLOYMENTS))["items"])):  # noqa: ASYNC110 - asked, as the API has it
                    await asyncio.sleep(LIMITS.poll_seconds)


async def until_adopted(url: str, plan: LabPlan, seconds: float) -> None:
    """Wait until an Ironic that began empty has every claimed host as an active node. Raises TimeoutError."""
    credentials = (plan.ironic_username, plan.ironic_password)
    async with asyncio.timeout(seconds), IronicApi(url, credentials) as ironic:
        for host in plan.claimed:
            while not _is_active(await ironic.node(f"{plan.config.namespace}~{host.name}")):  # noqa: ASYNC110 - Ironic tells nothing of itself
                await asyncio.sleep(LIMITS.adopted_poll_seconds)


def _is_active(node: Json | None) -> bool:
    return node is not None and node.get("provision_state") == "active" and node.get("power_state") == "power on"


def _is_ready(deployment: Json) -> bool:
    status = deployment.get("status", {})
    observed = status.get("observedGeneration") == deployment["metadata"]["generation"]
    return observed and bool(status.get("readyReplicas", 0) == deployment["spec"]["replicas"])
