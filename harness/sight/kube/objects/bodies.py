"""Object bodies: the part that is journaled.

No secret's data leaves this file: a Secret becomes its keys with keyed digests, equal within a run where the data are equal.
"""

import hashlib
from collections.abc import Collection
from typing import Any

import msgspec

from harness.journal.facts import Body
from harness.journal.merge_patch import drop_nulls
from harness.world.moved_kinds import GROUPS, group_of, kind_name

DIGEST_BYTES = 16
APPLIED_SUFFIXES = ("last-applied-configuration", "/applied")
"""Annotations in which kubectl and its like repeat the whole object, for a Secret its data too."""

CRD_SPEC_KEPT = ("group", "names", "scope")

_WITH_FILES = ("KubeadmConfig", "KubeadmConfigTemplate", "KubeadmControlPlaneTemplate", "RKE2ControlPlane")
"""Their specs hold files, passwords and tokens of their user's, at many places."""

OPEN_MEMBERS = ("apiVersion", "kind", "metadata")
REFERENCE_MEMBERS = ("apiVersion", "apiGroup", "kind", "name", "namespace", "uid")
STATUS_MEMBERS = ("conditions", "phase")
"""Of what objects of kinds say that nobody knows beforehand, these members stay as they are; any other text may be a secret."""

_WORKLOADS = ("Deployment", "Pod")
CONTAINER_KEPT = ("name", "image")
"""Of the containers of a workload: their environment and arguments are full of other people's secrets."""


def digest_of(data: bytes, key: bytes = b"") -> str:
    """BLAKE2b of 16 bytes as hex, keyed where a key (up to 64 bytes) is given."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES, key=key).hexdigest()


def is_known(kind: str) -> bool:
    """Is this the name of one of upstream's own kinds, of which it is known where they hold secrets?"""
    return kind in GROUPS


def journaled(raw: bytes | memoryview, api_version: str, kind: str, key: bytes) -> Body:
    """The body that a journal tells: no managedFields, no repeated configuration, no nulls, no secret's data.

    Items of a list of a built-in kind do not say what they are, so `apiVersion` and `kind` are put in.
    """
    body = msgspec.json.decode(raw, type=Body)
    (body.get("metadata") or {}).pop("managedFields", None)
    if b"null" in bytes(raw):
        body = drop_nulls(body)
    body["apiVersion"], body["kind"] = api_version, kind
    return closed(body, api_version, kind, key)


def closed(body: Body, api_version: str, kind: str, key: bytes) -> Body:
    """The body, changed in its place: what its kind may hold secrets in became digests; those that it has already stay."""
    kind = kind_name(kind, group_of(api_version))
    _drop_applied(body.get("metadata") or {})
    if kind == "Secret":
        _digest_data(body, key)
    elif kind in _WORKLOADS:
        _keep_names_of_containers(body, key)
    elif kind == "KubeadmControlPlane":
        _digest_files(body, key)
    elif kind in _WITH_FILES:
        body["spec"] = close_texts(body.get("spec"), key)
    elif not is_known(kind):
        body = _closed(body, OPEN_MEMBERS, key) | (
            {"status": _closed(body["status"], STATUS_MEMBERS, key)} if "status" in body else {}
        )
    elif kind == "CustomResourceDefinition":
        body["spec"] = {name: value for name, value in body.get("spec", {}).items() if name in CRD_SPEC_KEPT}
        body.pop("status", None)
    return body


def _drop_applied(metadata: dict[str, Any]) -> None:
    annotations = metadata.get("annotations", {})
    for name in [name for name in annotations if name.endswith(APPLIED_SUFFIXES)]:
        del annotations[name]
        if not annotations:
            del metadata["annotations"]


def _digest_data(secret: Body, key: bytes) -> None:
    data = {**secret.pop("data", {}), **secret.pop("stringData", {})}
    if data or "dataDigest" not in secret:
        secret["dataDigest"] = {name: digest_of(value.encode(), key) for name, value in data.items()}


def _keep_names_of_containers(workload: Body, key: bytes) -> None:
    """Keep the names of containers; environment and arguments become a digest, so that changes are still visible."""
    spec = workload.get("spec", {})
    template = spec.get("template", {})
    pod = template.get("spec", {}) if template else spec
    digest = _digest(pod, key)
    containers = [{name: each[name] for name in CONTAINER_KEPT if name in each} for each in pod.get("containers", [])]
    kept = {"containers": containers, "specDigest": digest}
    if template:
        template["spec"] = kept
    else:
        workload["spec"] = kept


def _digest_files(control_plane: Body, key: bytes) -> None:
    """A kubeadm configuration holds files and passwords of its user's."""
    spec = control_plane.get("spec", {})
    if "kubeadmConfigSpec" in spec:
        spec["kubeadmConfigSpec"] = {"digest": _digest(spec["kubeadmConfigSpec"], key)}


def close_texts(value: Any, key: bytes) -> Any:
    """Nested JSON in which each text is a digest, but for what names another object."""
    if isinstance(value, str):
        return digest_of(value.encode(), key)
    if isinstance(value, list):
        return [close_texts(item, key) for item in value]
    return (
        _closed(value, REFERENCE_MEMBERS if "kind" in value and "name" in value else (), key)
        if isinstance(value, dict)
        else value
    )


def _closed(value: Any, opened: Collection[str], key: bytes) -> Any:
    if not isinstance(value, dict):
        return close_texts(value, key)
    return {name: item if name in opened else close_texts(item, key) for name, item in value.items()}


def _digest(part: Any, key: bytes) -> str:
    return digest_of(msgspec.json.encode(part, order="sorted"), key)
