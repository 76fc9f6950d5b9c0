"""A backup of what a move would carry: kept in a directory of the user's before it, and read again from there.

The files are as `clusterctl move --to-directory` writes them, a whole object each, with its status, so that `clusterctl move
--from-directory` can read them. But nothing is paused for it in the cluster: only the copies say that they are, and hosts have their
status also as the annotation by which it comes back. The files hold Secrets in clear.
"""

import os
from pathlib import Path

import msgspec

from harness.errors import StepFailedError, UsageError
from harness.journal.facts import Body
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError
from harness.metal3 import PAUSED, PAUSED_BY_CAPM3, STATUS
from harness.move.objects import CLUSTER, Inventory, MovableKind, MovableObject, list_movable, movable, owners_in

FILE_BYTES_MAX = 1 << 24
"""No object of Kubernetes is as long as that."""

SAYS = "it holds the Secrets of the Cluster in clear: keep it from others, and delete it when you need it no more"


async def keep_backup(cluster: KubeCluster, namespace: str, directory: Path, run: Path) -> str:
    """Write one file an object into a new or empty directory, for its user alone; what was kept, for people.

    UsageError where the directory cannot be that, or lies in the run's: a run is shown to others.
    """
    try:
        inventory = await list_movable(cluster, namespace)
    except ClusterError as error:
        raise StepFailedError(str(error)) from error
    found = movable(inventory, owners_in(inventory))
    make_private(directory, run)
    for item in found:
        write_private(directory / file_name(item), msgspec.json.encode(copy_of(item)) + b"\n")
    return f"{len(found)} objects are kept in {directory}; {SAYS}"


def make_private(directory: Path, run: Path) -> None:
    """Make the directory, for its user alone."""
    if directory.resolve().is_relative_to(run.resolve()):
        raise UsageError(f"{directory}: a backup holds Secrets, and a run is shown to others; name a directory outside of {run}")
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if next(directory.iterdir(), None) is not None:
            raise UsageError(f"{directory}: not empty; name a directory for the backup that is not there yet")
        if directory.stat().st_uid != os.geteuid():
            raise UsageError(f"{directory}: belongs to somebody else, and a backup holds Secrets; name another directory")
        directory.chmod(0o700)
    except OSError as error:
        raise UsageError(f"{directory}: no backup can be kept there ({error.strerror}); name another directory") from error


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its user can read; UsageError where that cannot be."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}), so nothing is moved without a backup") from error


def file_name(item: MovableObject) -> str:
    """As clusterctl calls it."""
    return f"{item.key.kind}_{item.key.namespace}_{item.key.name}.yaml"


def copy_of(item: MovableObject) -> Body:
    """The object as it is put back: a Cluster paused, a host with its status as an annotation, and paused where it has a consumer."""
    resource, body = item.kind.resource, dict(item.body)
    body |= {"apiVersion": resource.api_version, "kind": resource.kind}
    if item.key[:2] == CLUSTER:
        body["spec"] = body.get("spec", {}) | {"paused": True}
    if item.key.kind == "BareMetalHost" and body.get("status"):
        spec: Body = body.get("spec") or {}
        held = {PAUSED: PAUSED_BY_CAPM3} if spec.get("consumerRef") else {}
        annotations = {STATUS: msgspec.json.encode(body["status"]).decode()} | item.annotations | held
        body["metadata"] = body["metadata"] | {"annotations": annotations}
    return body


def read_backup(directory: Path, kinds: list[MovableKind]) -> Inventory:
    """What was kept there, as objects of these kinds. UsageError where it is no backup."""
    known = {(kind.resource.group, kind.resource.kind): kind for kind in kinds}
    found: Inventory = {}
    for path in sorted(directory.glob("*.yaml")):
        body = read_object(path)
        group = str(body["apiVersion"]).rpartition("/")[0]
        kind = known.get((group, str(body["kind"])))
        if kind is None:
            raise UsageError(f"{path}: a {body['kind']} of {body['apiVersion']} is not known in this cluster")
        version = str(body["apiVersion"]).rpartition("/")[2]
        item = MovableObject(kind._replace(resource=msgspec.structs.replace(kind.resource, version=version)), body)
        found[item.key] = item
    if not found:
        raise UsageError(f"{directory}: no backup is there")
    return found


def read_object(path: Path) -> Body:
    """One file; UsageError where it is no object."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            content = file.read(FILE_BYTES_MAX)
        body: Body = msgspec.json.decode(content, type=Body)
        if not (body["apiVersion"] and body["kind"] and body["metadata"]["name"] and body["metadata"]["uid"]):
            raise ValueError("it has no name")
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{path}: no object of a backup ({error})") from error
    return body
