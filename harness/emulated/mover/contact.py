"""First contact: do both clusters hold the Cluster API that this mover can move, and are the target's providers new enough?"""

import asyncio
import re
from typing import Any

from harness.emulated.mover.api.backoff import READ, Retry
from harness.emulated.mover.api.calls import MoveApiClient
from harness.emulated.mover.errors import MoveApiError, MoveError, raise_all, wrapped
from harness.emulated.mover.graph import Body
from harness.emulated.mover.job import CONTRACT, Job
from harness.emulated.mover.log import MoverLog

DEFINITION = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
INVENTORY = "clusterctl.cluster.x-k8s.io/v1alpha3"
INVENTORY_DEFINITION = "providers.clusterctl.cluster.x-k8s.io"
MINIMUM_VERSION = (1, 20, 0)
ESTABLISHED_SECONDS = 60
ESTABLISHED_POLL_SECONDS = 0.25

_SEMANTIC = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_GENERIC = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")


async def check(server: MoveApiClient, retry: Retry, log: MoverLog) -> None:
    """MoveError unless this cluster speaks our contract and has the inventory of providers, which is made where it is missing."""
    with wrapped("failed to check Cluster API version"):
        definition = await server.operation().get(*DEFINITION, "", "clusters.cluster.x-k8s.io")
    stored = next((one["name"] for one in definition["spec"]["versions"] if one.get("storage")), "")
    if stored != CONTRACT:
        raise MoveError(
            f'this version of clusterctl could be used only with "{CONTRACT}" management clusters, "{stored}" detected'
        )
    await _check_version(server)
    await _ensure_inventory(server, retry, log)


async def _check_version(server: MoveApiClient) -> None:
    said = str((await server.operation().version()).get("gitVersion", ""))
    found = _GENERIC.match(said)
    version = tuple(int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    if version < MINIMUM_VERSION:
        least = ".".join(map(str, MINIMUM_VERSION))
        raise MoveError(f"unsupported management cluster server version: {said} - minimum required version is v{least}")


async def _ensure_inventory(server: MoveApiClient, retry: Retry, log: MoverLog) -> None:
    async def exists() -> bool:
        try:
            definition = await server.operation().get(*DEFINITION, "", INVENTORY_DEFINITION)
        except MoveApiError as error:
            if error.reason == "NotFound":
                return False
            raise
        return any(one["name"] == "v1alpha3" for one in definition["spec"]["versions"])

    with wrapped("failed to check if the clusterctl inventory CRD exists"):
        if await retry(READ, exists):
            return
    log.say("Installing the clusterctl inventory CRD", level=1)
    log.say("Creating", ("CustomResourceDefinition", INVENTORY_DEFINITION), level=5)
    with wrapped("failed to create clusterctl inventory CRD"):
        await server.operation().create(_inventory_definition())
        operation = server.operation()
        for _ in range(int(ESTABLISHED_SECONDS / ESTABLISHED_POLL_SECONDS)):
            if _is_true(await operation.get(*DEFINITION, "", INVENTORY_DEFINITION), "Established"):
                return
            await asyncio.sleep(ESTABLISHED_POLL_SECONDS)
        raise MoveError("timed out waiting for the condition")


def _inventory_definition() -> Body:
    names = {"kind": "Provider", "listKind": "ProviderList", "plural": "providers", "singular": "provider"}
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1alpha3", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": DEFINITION[0],
        "kind": DEFINITION[1],
        "metadata": {"name": INVENTORY_DEFINITION, "labels": {"clusterctl.cluster.x-k8s.io/core": "inventory"}},
        "spec": {"group": "clusterctl.cluster.x-k8s.io", "scope": "Namespaced", "names": names, "versions": [version]},
    }


async def providers(server: MoveApiClient, retry: Retry) -> list[Body]:
    """The Provider objects of all namespaces."""

    async def listing() -> list[Body]:
        return await server.operation().items(INVENTORY, "Provider")

    with wrapped("failed to get providers"):
        return await retry(READ, listing)


async def check_providers(job: Job) -> None:
    """MoveError unless the target has every provider of the source, at least as new."""
    with wrapped("failed to check providers in target cluster"):
        await _check_providers(job)


async def _check_providers(job: Job) -> None:
    source, target = await providers(job.source, job.retry), await providers(job.target, job.retry)
    errors: list[Exception] = []
    for provider in source:
        name, wanted = provider["metadata"]["name"], _semantic(provider, "source")
        same = [one for one in target if _identity(one) == _identity(provider)]
        best = max(same, key=lambda one: _semantic(one, "target"), default=None)
        if best is None:
            errors.append(MoveError(f"provider {name} not found in the target cluster"))
        elif _semantic(best, "target") < wanted:
            versions = f"source: {provider['version'].lstrip('v')}, target: {best['version'].lstrip('v')}"
            errors.append(MoveError(f"provider {name} in the target cluster is older than in the source cluster ({versions})"))
    raise_all(errors)


def _identity(provider: Body) -> tuple[Any, Any]:
    return provider.get("providerName"), provider.get("type")


def _semantic(provider: Body, where: str) -> tuple[Any, ...]:
    said = str(provider.get("version", ""))
    found = _SEMANTIC.fullmatch(said)
    if found is None:
        place = f"{provider['metadata'].get('namespace', '')}/{provider['metadata']['name']}"
        what = f'unable to parse version "{said}" for the {place} provider in the {where} cluster'
        raise MoveError(f'{what}: illegal version string "{said}"')
    major, minor, patch, prerelease = found.groups()
    return int(major), int(minor), int(patch), *_precedence(prerelease)


def _precedence(prerelease: str | None) -> tuple[Any, ...]:
    # A release is newer than its pre-releases; numbers order below words (semver 2.0, 11.4).
    if prerelease is None:
        return (1, ())
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in prerelease.split("."))
    return (0, parts)


def _is_true(body: Body, condition: str) -> bool:
    conditions = body.get("status", {}).get("conditions") or []
    return any(one.get("type") == condition and one.get("status") == "True" for one in conditions)
