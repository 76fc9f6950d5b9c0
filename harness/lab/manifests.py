"""The objects that a lab file's `manifests` name: what is applied to provision a Cluster from zero, and what it tells beforehand."""

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness.files.problems import Problems, SourceLocation
from harness.files.yaml_tree import read_documents
from harness.journal.facts import Body
from harness.lab.model import Lab
from harness.metal3 import CONTROL_PLANE

MAKERS = ("MachineDeployment", "MachineSet", "KubeadmControlPlane")
CORE = ("Cluster", "Metal3Cluster", "BareMetalHost")
ProvisionStage = Literal["cluster", "control_plane", "worker"]


class Manifest(msgspec.Struct, frozen=True):
    """One object as it is written down. `body` may hold secrets: it is sent to its cluster, and nowhere else."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str
    body: Body

    def __str__(self) -> str:
        """Kind and name."""
        return f"{self.kind} {self.name}"


def manifests_of(lab: Lab) -> tuple[Manifest, ...]:
    """All of them, hosts first; none where the lab file names none. BadFilesError, with every problem, where a file is no manifest."""
    if lab.manifests is None:
        return ()
    problems = Problems()
    found = [each for path in (lab.manifests.hosts, lab.manifests.cluster) for each in _read(path, lab.namespace, problems)]
    problems.raise_if_any()
    return tuple(found)


def components_of(path: Path) -> list[Manifest]:
    """The objects of one file, each in the namespace that it names, if any. BadFilesError where it is no manifest."""
    problems = Problems()
    found: list[Manifest] = []
    for place, document in read_documents(path, problems, large=True):
        for body in _objects(document):
            manifest = _manifest(body, "")
            if manifest is None:
                problems.add(place, "this is no object of Kubernetes: it needs `apiVersion`, `kind` and `metadata: {name: ...}`")
            else:
                found.append(manifest)
    problems.raise_if_any()
    return found


def _read(path: Path, namespace: str, problems: Problems) -> list[Manifest]:
    found: list[Manifest] = []
    for place, document in read_documents(path, problems):
        for body in _objects(document):
            manifest = _manifest(body, namespace)
            if manifest is None:
                cause = "this is no object of Kubernetes: it needs `apiVersion`, `kind` and `metadata: {name: ...}`"
                problems.add(place, cause)
            elif manifest.namespace != namespace:
                _refuse_namespace(place, manifest, namespace, problems)
            else:
                found.append(manifest)
    return found


def _refuse_namespace(place: SourceLocation, manifest: Manifest, namespace: str, problems: Problems) -> None:
    cause = f"{manifest} is in the namespace {manifest.namespace}, and this lab's hosts are looked at in {namespace}"
    problems.add(place, f"{cause}; change one of them (`clusters: {{source: {{namespace: ...}}}}`)")


def _objects(document: Any) -> Iterable[Any]:
    """A document's objects: itself, the items of a List, nothing of an empty one."""
    if document is None:
        return ()
    is_list = isinstance(document, dict) and str(document.get("kind", "")).endswith("List") and "items" in document
    return document["items"] or () if is_list else (document,)


def _manifest(body: Any, namespace: str) -> Manifest | None:
    if not isinstance(body, dict) or not isinstance(body.get("metadata"), dict):
        return None
    parts = [body.get("apiVersion"), body.get("kind"), body["metadata"].get("name")]
    if not all(isinstance(part, str) and part for part in parts):
        return None
    api, kind, name = map(str, parts)
    group, _, version = api.rpartition("/")
    placed = {**body, "metadata": {"namespace": namespace, **body["metadata"]}} if namespace else body
    return Manifest(group, version, kind, placed["metadata"].get("namespace") or "", name, placed)


def hosts_in(manifests: Iterable[Manifest]) -> list[Manifest]:
    """The BareMetalHosts."""
    return [each for each in manifests if each.kind == "BareMetalHost"]


def of_stage(manifests: Iterable[Manifest], stage: ProvisionStage) -> list[Manifest]:
    """What is applied in one stage, in the order in which it is written down.

    Control plane and workers each take along what nothing else names: their templates and secrets. All the rest is the Cluster's.
    """
    listed = list(manifests)
    makers = {part: [each for each in listed if _is_of(each, part)] for part in ("control_plane", "worker")}
    core = [each for each in listed if each.kind in CORE]
    fixed = [*core, *makers["control_plane"], *makers["worker"]]
    others = [each for each in listed if each not in fixed]
    shared = _named(core, others)
    named = {part: _named(found, others) for part, found in makers.items()}
    shared += [each for each in named["control_plane"] if each in named["worker"]]
    parts = {part: [*found, *(each for each in named[part] if each not in shared)] for part, found in makers.items()}
    if stage != "cluster":
        return [each for each in listed if each in parts[stage]]
    return [each for each in listed if each not in parts["control_plane"] and each not in parts["worker"]]


def _is_of(manifest: Manifest, part: str) -> bool:
    """Does it make Machines of the control plane, or of the workers?"""
    if manifest.kind not in (*MAKERS, "Machine"):
        return False
    is_plane = manifest.kind == "KubeadmControlPlane" or CONTROL_PLANE in _table(manifest.body, "metadata", "labels")
    return is_plane is (part == "control_plane")


def _named(found: list[Manifest], others: list[Manifest]) -> list[Manifest]:
    """Those of the others that these name, directly or by what they name."""
    named: list[Manifest] = []
    pending = list(found)
    while pending:
        names = set(_texts(_table(pending.pop().body, "spec")))
        fresh = [each for each in others if each.name in names and each not in named]
        named += fresh
        pending += fresh
    return named


def _texts(value: Any) -> Iterable[str]:
    """Every text in a body."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def images_in(manifests: Iterable[Manifest]) -> list[dict[str, Any]]:
    """The images that machines and hosts are to run."""
    places = {"Metal3Machine": (), "BareMetalHost": (), "Metal3MachineTemplate": ("template", "spec")}
    specs = [_table(each.body, "spec", *places[each.kind]) for each in manifests if each.kind in places]
    return [image for spec in specs if (image := _table(spec, "image"))]


def bmc_of(manifest: Manifest) -> dict[str, Any]:
    """`spec.bmc` of a BareMetalHost."""
    return _table(manifest.body, "spec", "bmc")


def secret_in(manifests: Iterable[Manifest], name: str) -> dict[str, str]:
    """A Secret's data, decoded; empty where it is not there or cannot be read."""
    for each in manifests:
        if (each.kind, each.name) == ("Secret", name):
            plain = {key: str(value) for key, value in _table(each.body, "stringData").items()}
            try:
                encoded = {key: base64.b64decode(str(value)).decode() for key, value in _table(each.body, "data").items()}
            except ValueError:  # binascii's and Unicode's are such
                return plain
            return encoded | plain
    return {}


def machines_wanted(manifests: Iterable[Manifest]) -> int:
    """How many Machines there will be: those that stand alone, and the replicas of what makes Machines."""
    total = 0
    for each in manifests:
        replicas = _table(each.body, "spec").get("replicas", 1)
        made = replicas if isinstance(replicas, int) else 1
        total += 1 if each.kind == "Machine" else made if each.kind in MAKERS else 0
    return total


def _table(body: Any, *keys: str) -> dict[str, Any]:
    """A table in an object; empty where there is none: what is wrong with an object its cluster tells better."""
    for key in keys:
        body = body.get(key) if isinstance(body, dict) else None
    return body if isinstance(body, dict) else {}
