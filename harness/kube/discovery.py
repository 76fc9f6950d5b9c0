"""Which path serves a kind: the documents of `/apis` and `/apis/GROUP/VERSION`, and what they say."""

import re

import msgspec


class ApiResource(msgspec.Struct, frozen=True):
    """Where an API server serves a kind."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        """As objects name it: `metal3.io/v1alpha1`, `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "") -> str:
        """The URL path of one object, of a namespace's objects, or of all; `namespace` is ignored for cluster-scoped kinds."""
        within = f"/namespaces/{namespace}" if namespace and self.namespaced else ""
        return f"{root(self.group, self.version)}{within}/{self.plural}" + (f"/{name}" if name else "")


class _Version(msgspec.Struct):
    version: str


class _Group(msgspec.Struct, rename="camel"):
    name: str
    versions: list[_Version]
    preferred_version: _Version


class GroupList(msgspec.Struct):
    """`metav1.APIGroupList`: all groups but the core group."""

    groups: list[_Group]

    def versions(self, group: str) -> list[str]:
        """The versions of a group, the preferred one first; none where the group is not served."""
        found = [served for served in self.groups if served.name == group]
        return list(dict.fromkeys(entry.version for one in found for entry in (one.preferred_version, *one.versions)))


class _Served(msgspec.Struct):
    name: str
    kind: str
    namespaced: bool


class ResourceList(msgspec.Struct):
    """`metav1.APIResourceList`: the resources of one group and version."""

    resources: list[_Served]

    def find(self, group: str, version: str, kind: str) -> ApiResource | None:
        """The resource of a kind; subresources (`deployments/status`) are not meant."""
        for served in self.resources:
            if served.kind == kind and "/" not in served.name:
                return ApiResource(group, version, kind, served.name, served.namespaced)
        return None


def newest_first(versions: list[str]) -> list[str]:
    """Kubernetes' own order of versions: releases, then betas, then alphas, the higher number first; other names last."""
    return sorted(versions, key=_age)


def _age(version: str) -> tuple[int, int, int, str]:
    named = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if named is None:
        return (3, 0, 0, version)
    stage = {None: 0, "beta": 1, "alpha": 2}[named[2]]
    return (stage, -int(named[1]), -int(named[3] or 0), "")


def root(group: str, version: str) -> str:
    """The URL path that everything of a group and version is under."""
    return f"/apis/{group}/{version}" if group else f"/api/{version}"
