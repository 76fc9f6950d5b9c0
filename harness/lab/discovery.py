"""Discovers what a lab file does not name: BMCs, images, the kubeconfig of the Cluster. Reads the clusters or the manifests."""

import base64
import binascii
import os
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bmc.model import Credentials, Tls
from harness.errors import UsageError
from harness.journal.facts import SIDES
from harness.kube.absent import get_if_there, list_if_served, list_kind
from harness.kube.client import open_cluster
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterEndpoint, NotThereError
from harness.lab.access import BmcAccess
from harness.lab.manifests import bmc_of, hosts_in, images_in, manifests_of, secret_in
from harness.lab.model import HostAccess, Lab
from harness.metal3 import CAPI, HOSTS_PATH

DISABLED = "its BareMetalHost says disableCertificateVerification"
SECRETS_PATH = "/api/v1/namespaces/{namespace}/secrets/{name}"
KEPT = "# kept by harness, from the Secret of the Cluster that the source provisions\n"
"""The first line of a kubeconfig that we wrote."""
KEY = "value"
"""The key of its Secret's data under which Cluster API keeps a kubeconfig."""


async def bmc_accesses(lab: Lab, clusters: Mapping[str, KubeCluster], namespace: str) -> dict[str, BmcAccess]:
    """Host -> how to reach its BMC: from the lab file, else from BareMetalHosts and their Secrets, of both clusters or in manifests."""
    if lab.hosts:
        return {name: named(name, access) for name, access in lab.hosts.items()}
    found: dict[str, BmcAccess] = {}
    for side in SIDES:
        for host in await list_if_served(clusters[side], HOSTS_PATH.format(namespace=namespace)):
            name = host["metadata"]["name"]
            if name not in found and (host.get("spec") or {}).get("bmc", {}).get("address"):
                bmc = host["spec"]["bmc"]
                found[name] = access(
                    name, bmc, await secret_data(clusters[side], namespace, str(bmc.get("credentialsName") or ""))
                )
    manifests = manifests_of(lab)
    for manifest in hosts_in(manifests):
        bmc = bmc_of(manifest)
        if manifest.name not in found and bmc.get("address"):
            found[manifest.name] = access(manifest.name, bmc, secret_in(manifests, str(bmc.get("credentialsName") or "")))
    return found


async def image_urls(lab: Lab, clusters: Mapping[str, KubeCluster], namespace: str) -> dict[str, str]:
    """Image URL -> checksum URL (empty for a checksum that is written out) of every host of both clusters, and of those to come."""
    images = [
        (host.get("spec") or {}).get("image") or {}
        for side in SIDES
        for host in await list_if_served(clusters[side], HOSTS_PATH.format(namespace=namespace))
    ]
    images += images_in(manifests_of(lab))
    return {
        image["url"]: image["checksum"] if str(image.get("checksum") or "").startswith("http") else ""
        for image in images
        if str(image.get("url") or "").startswith("http")
    }


def named(name: str, access: HostAccess) -> BmcAccess:
    """A host that the lab file names; UsageError where its credentials cannot be had."""
    try:
        credentials = access.credentials.resolve() if access.credentials else None
    except ValueError as error:
        raise UsageError(f"credentials of host {name}: {error}") from error
    return BmcAccess(name, access.bmc, credentials, access.tls)


def access(name: str, bmc: dict[str, Any], data: Mapping[str, str]) -> BmcAccess:
    """The BMC of a BareMetalHost by its `spec.bmc` and its Secret's data; its credentials stay in our memory."""
    credentials = Credentials(data["username"], data["password"]) if {"username", "password"} <= data.keys() else None
    trust = Tls(insecure=True, reason=DISABLED) if bmc.get("disableCertificateVerification") else Tls()
    return BmcAccess(name, bmc["address"], credentials, trust)


async def workload_cluster(clusters: Mapping[str, KubeCluster], namespace: str, stack: AsyncExitStack) -> KubeCluster | None:
    """The workload cluster by the Cluster's own kubeconfig Secret; None where there is none (then its Nodes are not seen)."""
    for side in SIDES:
        for cluster in await list_kind(clusters[side], CAPI, "Cluster", namespace):
            data = await secret_data(clusters[side], namespace, f"{cluster['metadata']['name']}-kubeconfig")
            if KEY in data:
                place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pivot-workload-"))) / "workload.kubeconfig"
                write_private(place, data[KEY])
                return await stack.enter_async_context(open_cluster(place, name="workload"))
    return None


async def secret_data(cluster: KubeCluster, namespace: str, name: str) -> dict[str, str]:
    """A Secret's data, decoded; empty where it is not there."""
    secret = await get_if_there(cluster, SECRETS_PATH.format(namespace=namespace, name=name)) or {}
    try:
        return {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}
    except (binascii.Error, UnicodeDecodeError):
        return {}


async def keep_kubeconfig(lab: Lab, source: KubeCluster, place: ClusterEndpoint) -> None:
    """Write the kubeconfig of the source's Cluster to the file of `place`, unless another file is there. NotThereError where there is none.

    One that was kept for an earlier Cluster is replaced; where the source has none any more, the Cluster was moved, and it stays.
    """
    if place.kubeconfig.exists() and not is_kept(place.kubeconfig):
        return
    try:
        name = await cluster_name(lab, source, place)
        text = await text_of(source, lab.namespace, name)
        if not text:
            says = (
                f"the Secret {name}-kubeconfig is not in the source; it comes with the control plane (`provision_control_plane`)"
            )
            raise not_yet(place, says)
    except NotThereError:
        if not place.kubeconfig.exists():
            raise
    else:
        write_private(place.kubeconfig, KEPT + text)


async def cluster_name(lab: Lab, source: KubeCluster, place: ClusterEndpoint) -> str:
    """The Cluster that is meant: of those in the source the only one, or the one of the lab's manifests."""
    there = [each["metadata"]["name"] for each in await list_kind(source, CAPI, "Cluster", lab.namespace)]
    own = [each.name for each in manifests_of(lab) if each.kind == "Cluster" and each.name in there]
    found = own if len(there) > 1 else there
    if len(found) == 1:
        return str(found[0])
    says = f"the source has the Clusters {', '.join(there)}, and none of them alone is in the lab's `manifests`"
    raise not_yet(place, says if there else "the source has no Cluster that it could be of (`provision_cluster` comes first)")


def not_yet(place: ClusterEndpoint, says: str) -> NotThereError:
    """That it is not there, and where its kubeconfig was looked for."""
    return NotThereError(place, f"it is not there yet: there is no file {place.kubeconfig}, and {says}")


def write_private(path: Path, text: str) -> None:
    """Write a file atomically, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


async def text_of(cluster: KubeCluster, namespace: str, name: str) -> str:
    """The kubeconfig in the Secret of the Cluster of this name; empty where it has none."""
    return (await secret_data(cluster, namespace, f"{name}-kubeconfig")).get(KEY, "")


def holds(path: Path, text: str) -> bool:
    """Does the file hold this kubeconfig?"""
    return bool(text) and _read(path).removeprefix(KEPT) == text


def is_kept(path: Path) -> bool:
    """Did we write this file?"""
    return _read(path).startswith(KEPT)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def forget_kubeconfig(path: Path, text: str) -> None:
    """Remove the file in which we kept this kubeconfig; one with anything else in it, or written by others, is theirs."""
    if is_kept(path) and holds(path, text):
        path.unlink(missing_ok=True)
