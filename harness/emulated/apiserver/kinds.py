"""What a served resource is: its names, scope, verbs and subresources, built in or defined by a CRD."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Table = tuple[str, str]
"""Where objects are stored: (group, plural), one for all versions."""

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
"""The same, in the order in which upstream lists them for custom resources."""
BUILTIN: Json = {"x-kubernetes-builtin": True}
"""Stands where a custom resource has its schema: lists are keyed by the field names that built-in kinds use."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the scale subresource reads and writes (JSON paths with a leading dot)."""

    spec: str = ".spec.replicas"
    status: str = ".status.replicas"
    selector: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """One served version of one resource.

    `schema` is the structural schema of a custom resource or `BUILTIN`. `generation`: metadata.generation is counted.
    `unconditional`: an update without resourceVersion is taken. `storage` is the version objects are kept in.
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = VERBS
    has_status: bool = False
    scale: Scale | None = None
    schema: Json = field(default_factory=lambda: BUILTIN, hash=False, compare=False)
    columns: tuple[Json, ...] = field(default=(), hash=False, compare=False)
    custom: bool = False
    generation: bool = False
    storage: str = ""
    list_kind: str = ""

    @property
    def table(self) -> Table:
        """Where its objects are stored."""
        return ("", "events") if self.group == "events.k8s.io" else (self.group, self.plural)

    @property
    def stored_api_version(self) -> str:
        """The version in which they are kept."""
        if self.group == "events.k8s.io":
            return "v1"
        return f"{self.group}/{self.storage}" if self.storage else self.api_version

    @property
    def api_version(self) -> str:
        """`v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def kind_of_list(self) -> str:
        """`BareMetalHostList`."""
        return self.list_kind or f"{self.kind}List"


def _core(plural: str, kind: str, *short_names: str, namespaced: bool = True, has_status: bool = False) -> Resource:
    return Resource("", "v1", plural, kind, namespaced, kind.lower(), short_names, has_status=has_status)


def _plain(group: str, plural: str, kind: str, *short_names: str, namespaced: bool = True, has_status: bool = False) -> Resource:
    return Resource(
        group, "v1", plural, kind, namespaced, kind.lower(), short_names, has_status=has_status, generation=has_status
    )


NAMESPACES = Resource(
    "", "v1", "namespaces", "Namespace", namespaced=False, singular="namespace", short_names=("ns",), has_status=True
)
EVENTS = _core("events", "Event", "ev")
NEW_EVENTS = _plain("events.k8s.io", "events", "Event", "ev")
DEFINITIONS = _plain(
    "apiextensions.k8s.io",
    "customresourcedefinitions",
    "CustomResourceDefinition",
    "crd",
    "crds",
    namespaced=False,
    has_status=True,
)
DEPLOYMENTS = Resource(
    "apps", "v1", "deployments", "Deployment", True, "deployment", ("deploy",), ("all",),
    has_status=True, scale=Scale(selector=".spec.selector"), generation=True,
)  # fmt: skip

BUILTINS: tuple[Resource, ...] = (
    NAMESPACES,
    _core("secrets", "Secret"),
    _core("configmaps", "ConfigMap", "cm"),
    _core("nodes", "Node", "no", namespaced=False, has_status=True),
    EVENTS,
    _core("serviceaccounts", "ServiceAccount", "sa"),
    _core("pods", "Pod", "po", has_status=True),
    _core("services", "Service", "svc", has_status=True),
    NEW_EVENTS,
    _plain("coordination.k8s.io", "leases", "Lease"),
    DEPLOYMENTS,
    DEFINITIONS,
    _plain("admissionregistration.k8s.io", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", namespaced=False),
    _plain("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", namespaced=False),
)


def _review(group: str, plural: str, kind: str, *, namespaced: bool = False) -> Resource:
    return Resource(group, "v1", plural, kind, namespaced, kind.lower(), verbs=("create",))


REVIEWS: tuple[Resource, ...] = (
    _review("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
    _review("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview"),
    _review("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"),
    _review("authentication.k8s.io", "tokenreviews", "TokenReview"),
)
"""Questions answered at once; nothing is stored."""


class Registry:
    """All resources served now; custom ones come and go with their definitions."""

    def __init__(self) -> None:
        self._custom: dict[str, tuple[Resource, ...]] = {}
        self._index: dict[tuple[str, str, str], Resource] = {}
        self._kinds: dict[tuple[str, str], Resource] = {}
        self.changes = 0
        self._rebuild()

    def _rebuild(self) -> None:
        self.changes += 1
        self._index = {(each.group, each.version, each.plural): each for each in self.all()}
        self._kinds = {(each.api_version, each.kind): each for each in self.all()}

    def all(self) -> list[Resource]:
        """Built-in first, then custom ones by the order of their definitions; preferred version first within each."""
        return [*BUILTINS, *REVIEWS, *(each for versions in self._custom.values() for each in versions)]

    def serve(self, definition: str, versions: tuple[Resource, ...]) -> None:
        """Serve what a definition defines, instead of what it defined before."""
        self._custom[definition] = versions
        self._rebuild()

    def forget(self, definition: str) -> None:
        """Serve it no longer."""
        if self._custom.pop(definition, None) is not None:
            self._rebuild()

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """The resource of a request path."""
        return self._index.get((group, version, plural))

    def of_kind(self, api_version: str, kind: str) -> Resource | None:
        """The resource of an owner reference."""
        return self._kinds.get((api_version, kind))

    def of_table(self, table: Table) -> Resource | None:
        """Its preferred version."""
        return next((each for each in self.all() if each.table == table), None)
