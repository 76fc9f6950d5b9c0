"""Writes the steady state through the API, owners before owned, one call at a time so that every run makes the same objects."""

import asyncio
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from harness.emulated.kube import crds
from harness.emulated.kube.client import Client, Json, StatusError
from harness.emulated.kube.resources import (
    CLUSTERS,
    CRDS,
    DEPLOYMENTS,
    FIRMWARE_COMPONENTS,
    FIRMWARE_SCHEMAS,
    FIRMWARE_SETTINGS,
    HARDWARE_DATA,
    HOSTS,
    IP_ADDRESSES,
    IP_CLAIMS,
    IP_POOLS,
    KUBEADM_CONFIG_TEMPLATES,
    KUBEADM_CONFIGS,
    KUBEADM_CONTROL_PLANES,
    MACHINE_DEPLOYMENTS,
    MACHINE_SETS,
    MACHINES,
    METAL3_CLUSTERS,
    METAL3_DATA,
    METAL3_DATA_CLAIMS,
    METAL3_DATA_TEMPLATES,
    METAL3_MACHINE_TEMPLATES,
    METAL3_MACHINES,
    NAMESPACES,
    PROVIDERS,
    SECRETS,
    ResourceMapping,
)
from harness.emulated.plan.plan import HostPlan
from harness.emulated.programs.manifests import ComponentManifests, UnfitManifestsError, check_versions, merged
from harness.emulated.seed import capi, capm3, metal3
from harness.emulated.seed.parts import Scene

BARE_METAL_NAMESPACE = "baremetal-operator-system"
CAPI_NAMESPACE = "capi-system"
CAPM3_NAMESPACE = "capm3-system"
BMO = (BARE_METAL_NAMESPACE, "baremetal-operator-controller-manager")
IRONIC = (BARE_METAL_NAMESPACE, "ironic")
BOOTSTRAP_NAMESPACE = "capi-kubeadm-bootstrap-system"
PLANE_NAMESPACE = "capi-kubeadm-control-plane-system"
BOOTSTRAP = (BOOTSTRAP_NAMESPACE, "capi-kubeadm-bootstrap-controller-manager")
PLANE = (PLANE_NAMESPACE, "capi-kubeadm-control-plane-controller-manager")
CAPI = (CAPI_NAMESPACE, "capi-controller-manager")
CAPM3 = (CAPM3_NAMESPACE, "capm3-controller-manager")
IPAM = (CAPM3_NAMESPACE, "ipam-controller-manager")
INVENTORY = (
    ("capi", "cluster-api", CAPI_NAMESPACE, "cluster-api", "CoreProvider", "1.14.2"),
    ("capm3", "infrastructure-metal3", CAPM3_NAMESPACE, "metal3", "InfrastructureProvider", "1.14.0"),
    ("ipam", "ipam-metal3", CAPM3_NAMESPACE, "metal3", "IPAMProvider", "1.14.0"),
)
"""Of each provider: the component, and what `clusterctl` writes down of it; the version is that of our own."""
KUBEADM_INVENTORY = (
    ("bootstrap", "bootstrap-kubeadm", BOOTSTRAP_NAMESPACE, "kubeadm", "BootstrapProvider", "1.14.2"),
    ("control-plane", "control-plane-kubeadm", PLANE_NAMESPACE, "kubeadm", "ControlPlaneProvider", "1.14.2"),
)
KUBEADM = (KUBEADM_CONTROL_PLANES, KUBEADM_CONFIGS, KUBEADM_CONFIG_TEMPLATES)
"""What is served besides in a lab with KubeadmControlPlanes."""
CUSTOM = (
    PROVIDERS, CLUSTERS, MACHINES, MACHINE_SETS, MACHINE_DEPLOYMENTS, METAL3_CLUSTERS, METAL3_MACHINES, METAL3_MACHINE_TEMPLATES,
    METAL3_DATA_TEMPLATES, METAL3_DATA_CLAIMS, METAL3_DATA, IP_POOLS, IP_CLAIMS, IP_ADDRESSES, HOSTS, HARDWARE_DATA,
    FIRMWARE_SETTINGS, FIRMWARE_COMPONENTS, FIRMWARE_SCHEMAS,
)  # fmt: skip
"""What the controllers and the seed need served; a real server takes a moment after a definition was made."""
NOT_YET = (404, 429, 503)
INVALID = (400, 422)
SERVED_SECONDS = 30.0
SERVED_POLL_SECONDS = 0.05
NO_RELEASES: Mapping[str, str] = MappingProxyType({})


async def install(
    client: Client,
    namespaces: tuple[str, ...],
    provided: Iterable[ComponentManifests] = (),
    releases: Mapping[str, str] = NO_RELEASES,
    *,
    kubeadm: bool = False,
) -> None:
    """What `clusterctl init` and the BMO manifests leave: namespaces, definitions, the provider inventory.

    Real components' own manifests are `provided`, and their versions are in `releases`.
    """
    for name in (BARE_METAL_NAMESPACE, *provider_namespaces(kubeadm=kubeadm), *namespaces):
        await client.create(NAMESPACES, namespace(name))
    theirs = [definition for manifests in provided for definition in manifests.definitions()]
    definitions = merged(crds.definitions(kubeadm=kubeadm), theirs)
    check_versions(definitions, CUSTOM)
    for definition in definitions:
        await client.create(CRDS, definition)
    async with asyncio.timeout(SERVED_SECONDS):
        for resource in (*CUSTOM, *(KUBEADM if kubeadm else ())):
            await _served(client, resource)
    for each in inventory(releases, kubeadm=kubeadm):
        await client.create(PROVIDERS, each)


def namespace(name: str) -> Json:
    """A Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def provider_namespaces(*, kubeadm: bool) -> tuple[str, ...]:
    """Where the providers are that clusterctl installs."""
    return (CAPI_NAMESPACE, *((BOOTSTRAP_NAMESPACE, PLANE_NAMESPACE) if kubeadm else ()), CAPM3_NAMESPACE)


def managers(*, kubeadm: bool) -> tuple[tuple[str, str], ...]:
    """The Deployments of those providers."""
    return (CAPI, *((BOOTSTRAP, PLANE) if kubeadm else ()), CAPM3, IPAM)


def inventory(releases: Mapping[str, str], *, kubeadm: bool = False) -> list[Json]:
    """What `clusterctl` writes down of the providers that it installed."""
    made: list[Json] = []
    for component, name, place, provider, type_, ours in (*INVENTORY, *(KUBEADM_INVENTORY if kubeadm else ())):
        version = f"v{releases.get(component, ours)}"
        labels = {crds.PROVIDER: name, crds.DISCOVERY: "", "clusterctl.cluster.x-k8s.io/core": "inventory"}
        meta = {"name": name, "namespace": place, "labels": labels}
        kind = {"apiVersion": PROVIDERS.api_version, "kind": PROVIDERS.kind}
        made.append({**kind, "metadata": meta, "providerName": provider, "type": type_, "version": version})
    return made


async def _served(client: Client, resource: ResourceMapping) -> None:
    while True:
        try:
            await client.list_all(resource)
        except StatusError as error:
            if error.code not in NOT_YET:
                raise
            await asyncio.sleep(SERVED_POLL_SECONDS)
        else:
            return


async def deploy(client: Client, *, bare_metal: bool, kubeadm: bool = False) -> None:
    """The controllers' Deployments, without a status; BMO and Ironic want no replica unless `bare_metal`."""
    for place, name in (IRONIC, BMO, *managers(kubeadm=kubeadm)):
        wanted = bare_metal or place != BARE_METAL_NAMESPACE
        await client.create(DEPLOYMENTS, deployment(place, name, replicas=int(wanted)))


def deployment(place: str, name: str, *, replicas: int) -> Json:
    """A Deployment of the lab, without a status."""
    labels = {"app.kubernetes.io/name": name}
    containers = [{"name": "manager", "image": f"lab/{name}"}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    meta = {"name": name, "namespace": place, "labels": labels}
    return {"apiVersion": DEPLOYMENTS.api_version, "kind": DEPLOYMENTS.kind, "metadata": meta, "spec": spec}


async def write(client: Client, scene: Scene, *, own_definitions: bool) -> None:
    """Write the whole scene. Raises UnfitManifestsError if the user's definitions reject one of its objects."""
    try:
        await Seed(client, scene).write()
    except StatusError as error:
        if not own_definitions or error.code not in INVALID:
            raise
        raise UnfitManifestsError(f"by its manifests the API server refuses what the lab consists of: {error}") from error


class Seed:
    """Writes one scene into one cluster."""

    def __init__(self, client: Client, scene: Scene) -> None:
        self._client = client
        self._scene = scene

    async def write(self) -> None:
        """Everything: the hosts, the Cluster, its machines and their data."""
        scene = self._scene
        settings = [await self._host(plan) for plan in scene.plan.hosts]
        await self._client.create(FIRMWARE_SCHEMAS, metal3.firmware_schema(scene, settings))
        cluster = await self._made(CLUSTERS, capi.cluster(scene))
        await self._made(METAL3_CLUSTERS, capm3.metal3_cluster(scene, cluster))
        pool = await self._made(IP_POOLS, capm3.pool(scene, cluster))
        for secret in capi.secrets(scene):
            await self._client.create(SECRETS, secret)
        for template in capm3.machine_templates(scene, cluster):
            await self._client.create(METAL3_MACHINE_TEMPLATES, template)
        for data_template in capm3.data_templates(scene):
            await self._made(METAL3_DATA_TEMPLATES, data_template)
        deployment = await self._made(MACHINE_DEPLOYMENTS, capi.machine_deployment(scene, cluster))
        machine_set = await self._made(MACHINE_SETS, capi.machine_set(scene, deployment))
        for plan in scene.plan.claimed:
            await self._machine(plan, machine_set if plan.role == "worker" else cluster, pool)

    async def _made(self, resource: ResourceMapping, parts: tuple[Json, Json]) -> Json:
        obj, status = parts
        created = await self._client.create(resource, obj)
        return await self._client.put_status(resource, {**created, "status": status})

    async def _host(self, plan: HostPlan) -> Json:
        """One host with all that BMO made for it; returns its HostFirmwareSettings."""
        scene, client = self._scene, self._client
        host = await client.create(HOSTS, metal3.host(scene, plan))
        secret = await client.create(SECRETS, metal3.bmc_secret(scene, plan, host))
        status = metal3.host_status(scene, plan, host["metadata"]["generation"], secret["metadata"]["resourceVersion"])
        await client.put_status(HOSTS, {**host, "status": status})
        await client.create(HARDWARE_DATA, metal3.hardware_data(scene, plan, host))
        await self._made(FIRMWARE_COMPONENTS, metal3.firmware_components(scene, plan, host))
        return await self._made(FIRMWARE_SETTINGS, metal3.firmware_settings(scene, plan, host))

    async def _machine(self, plan: HostPlan, owned_by: Json, pool: Json) -> None:
        scene = self._scene
        machine = await self._made(MACHINES, (capi.machine(scene, plan, owned_by), capi.machine_status(scene, plan)))
        metal3_machine = await self._made(METAL3_MACHINES, capm3.machine(scene, plan, machine))
        claim = await self._made(METAL3_DATA_CLAIMS, capm3.claim(scene, plan, metal3_machine))
        data = await self._made(METAL3_DATA, capm3.data(scene, plan, claim, metal3_machine))
        for secret in capm3.rendered(scene, plan, data):
            await self._client.create(SECRETS, secret)
        ip_claim = await self._made(IP_CLAIMS, capm3.ip_claim(scene, plan, data))
        await self._client.create(IP_ADDRESSES, capm3.ip_address(scene, plan, pool, ip_claim))
