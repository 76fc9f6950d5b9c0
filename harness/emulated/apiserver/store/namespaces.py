"""What the status of a namespace says while it is being deleted."""

from collections import Counter
from collections.abc import Sequence

from harness.emulated.apiserver.kinds.errors import Json, qualified
from harness.emulated.apiserver.kinds.registry import ServedResource
from harness.emulated.apiserver.store.store import Stored

_DISCOVERED = (
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
    ("NamespaceDeletionContentFailure", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
)


def terminating_conditions(left: Sequence[tuple[ServedResource, list[Stored]]], now: str) -> list[Json]:
    """The conditions of a namespace in which these objects are left, as of `now`."""
    counts = {qualified(resource.plural, resource.group): len(found) for resource, found in left}
    held = Counter(name for _, found in left for each in found for name in each.read()["metadata"].get("finalizers") or ())
    resources = ", ".join(
        f"{name}{'' if '.' in name else '.'} has {count} resource instances" for name, count in sorted(counts.items())
    )
    finalizers = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(held.items()))
    remaining = (
        ("NamespaceContentRemaining", "SomeResourcesRemain", f"Some resources are remaining: {resources}"),
        (
            "NamespaceFinalizersRemaining",
            "SomeFinalizersRemain",
            f"Some content in the namespace has finalizers remaining: {finalizers}",
        ),
    )
    told = [("False", *failure) for failure in _DISCOVERED] + [("True", *each) for each in remaining]
    return [
        {"type": kind, "status": status, "lastTransitionTime": now, "reason": reason, "message": message}
        for status, kind, reason, message in told
    ]
