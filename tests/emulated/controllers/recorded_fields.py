"""What of two clusters' objects must be the same: every field there, none besides; finalizers and owners."""

from collections.abc import Iterator
from typing import Any

from harness.emulated.kube import resources as known

OF_THE_SERVER = {"managedFields", "uid", "resourceVersion", "creationTimestamp", "generation", "dataDigest", "data"}
NOT_SIMULATED = {
    "Cluster": {"ControlPlaneMachinesUpToDate", "WorkerMachinesUpToDate"},
    "Machine": {"UpToDate", "Updating"},
    "MachineSet": {"Remediating"},
    "MachineDeployment": {"Remediating"},
}
"""Conditions that our Cluster API does not keep (docs/fidelity.md)."""
KEEPS_DEPRECATED = ("Cluster",)
"""Kinds with what the v1beta1 contract says of them; it is read of these only."""
NOT_RECORDED = (known.BOOTSTRAP, known.CONTROL_PLANE)
KINDS = [
    each
    for each in vars(known).values()
    if isinstance(each, known.ResourceMapping) and each.group not in ("", "apps", "apiextensions.k8s.io", *NOT_RECORDED)
]


def paths(content: Any, path: str = "") -> Iterator[str]:
    """Every field; conditions by type, other lists by their items; names of the recorded lab left out."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key not in OF_THE_SERVER and key != "indexes":
                yield from paths(value, f"{path}.{key}")
    elif isinstance(content, list) and content and isinstance(content[0], dict):
        for item in content:
            yield from paths(item, f"{path}[{item.get('type', '') if path.endswith('conditions') else ''}]")
    else:
        yield path


def fields(kind: str, objects: list[dict[str, Any]]) -> set[str]:
    """The fields that objects of a kind have, without those that ours never do."""
    skipped = [f"[{name}]" for name in NOT_SIMULATED.get(kind, ())]
    skipped += [] if kind in KEEPS_DEPRECATED else [".deprecated."]
    return {path for obj in objects for path in paths(obj) if not any(part in path for part in skipped)}


def bonds(objects: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Finalizers and owners of each object, as a set."""
    metas = [obj["metadata"] for obj in objects]
    owners = [
        [(ref["kind"], ref.get("controller"), ref.get("blockOwnerDeletion")) for ref in meta.get("ownerReferences", [])]
        for meta in metas
    ]
    return {(tuple(meta.get("finalizers", [])), tuple(refs)) for meta, refs in zip(metas, owners, strict=True)}
