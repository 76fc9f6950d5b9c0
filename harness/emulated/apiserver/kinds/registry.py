"""What a served resource is: its names, scope, verbs and subresources, built in or defined by a CRD."""

from dataclasses import dataclass, field

from harness.emulated.apiserver.kinds import types
from harness.emulated.apiserver.kinds.types import RESOURCES, TYPES

Json = types.Json

TableName = tuple[str, str]
"""Where objects are stored: (group, plural), one for all versions."""

CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
"""In the order in which upstream lists them for custom resources."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the scale subresource reads and writes (JSON paths with a leading dot)."""

    spec: str = ".spec.replicas"
    status: str = ".status.replicas"
    selector: str = ""


@dataclass(frozen=True, slots=True)
class ServedResource:
    """One served version of one resource.

    `schema` is the structural schema, of a built-in kind its type. `generation`: metadata.generation is counted.
    `unconditional`: an update without resourceVersion is taken. `storage` is the version objects are kept in, and
    `stored_schema` its schema. `parts` are the
    subresources, each with name, kind and verbs. `warning` is told to whoever uses a deprecated version.
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = CUSTOM_VERBS
    parts: tuple[Json, ...] = field(default=(), hash=False, compare=False)
    scale: Scale | None = None
    schema: Json = field(default_factory=dict, hash=False, compare=False)
    columns: tuple[Json, ...] = field(default=(), hash=False, compare=False)
    selectable: tuple[str, ...] = ()
    custom: bool = False
    generation: bool = False
    unconditional: bool = True
    created_by_update: bool = False
    storage: str = ""
    stored_schema: Json | None = field(default=None, hash=False, compare=False)
    list_kind: str = ""
    warning: str = ""

    def has(self, part: str) -> bool:
        """Whether it has a subresource."""
        return any(each["name"] == part for each in self.parts)

    @property
    def has_status(self) -> bool:
        """Whether status is written apart from the rest."""
        return self.has("status")

    @property
    def table(self) -> TableName:
        """Where its objects are stored."""
        return ("", "events") if self.group == "events.k8s.io" else (self.group, self.plural)

    @property
    def stored_api_version(self) -> str:
        """The version in which they are kept."""
        if self.group == "events.k8s.io":
            return "v1"
        if self.group == "autoscaling":
            return "autoscaling/v2"
        return f"{self.group}/{self.storage}" if self.storage else self.api_version

    @property
    def api_version(self) -> str:
        """`v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def kind_of_list(self) -> str:
        """`BareMetalHostList`."""
        return self.list_kind or f"{self.kind}List"


_COUNTED = frozenset(
    {"CustomResourceDefinition", "Deployment", "Pod", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"}
)
_CONDITIONAL = frozenset({"CustomResourceDefinition", "Lease", "Event"})
_CREATED_BY_UPDATE = frozenset({"Lease", "Event"})
SERVED_PARTS = ("status", "scale")
"""The subresources of built-in kinds that are served; nobody here runs Pods, evicts them or issues tokens."""


def _builtin(said: Json) -> ServedResource:
    kind = said["kind"]
    lists: Json = {key: tuple(said[key]) for key in ("short_names", "categories", "verbs", "columns")}
    lists["parts"] = tuple(part for part in said["parts"] if part["name"] in SERVED_PARTS)
    names: Json = {key: said[key] for key in ("group", "version", "plural", "kind", "namespaced", "singular")}
    scaled = any(part["name"] == "scale" for part in said["parts"])
    return ServedResource(
        **names,
        **lists,
        scale=Scale(selector=".spec.selector") if scaled else None,
        schema=TYPES[said["type"]],
        generation=kind in _COUNTED,
        unconditional=kind not in _CONDITIONAL,
        created_by_update=kind in _CREATED_BY_UPDATE,
    )


BUILTINS = tuple(_builtin(said) for said in RESOURCES)


def _named(group: str, plural: str) -> ServedResource:
    return next(each for each in BUILTINS if (each.group, each.plural) == (group, plural))


NAMESPACES, NODES, EVENTS, PODS, SECRETS = (_named("", plural) for plural in ("namespaces", "nodes", "events", "pods", "secrets"))
DEFINITIONS = _named("apiextensions.k8s.io", "customresourcedefinitions")


class Registry:
    """All resources served now; custom ones come and go with their definitions."""

    def __init__(self) -> None:
        self._custom: dict[str, tuple[ServedResource, ...]] = {}
        self._index: dict[tuple[str, str, str], ServedResource] = {}
        self._kinds: dict[tuple[str, str], ServedResource] = {}
        self.changes = 0
        self._rebuild()

    def _rebuild(self) -> None:
        self.changes += 1
        self._index = {(each.group, each.version, each.plural): each for each in self.all()}
        self._kinds = {(each.api_version, each.kind): each for each in self.all()}

    def all(self) -> list[ServedResource]:
        """Built-in first, then custom ones by the order of their definitions; preferred version first within each."""
        return [*BUILTINS, *(each for versions in self._custom.values() for each in versions)]

    def serve(self, definition: str, versions: tuple[ServedResource, ...]) -> None:
        """Serve what a definition defines, instead of what it defined before."""
        self._custom[definition] = versions
        self._rebuild()

    def forget(self, definition: str) -> None:
        """Serve it no longer."""
        if self._custom.pop(definition, None) is not None:
            self._rebuild()

    def find(self, group: str, version: str, plural: str) -> ServedResource | None:
        """The resource of a request path."""
        return self._index.get((group, version, plural))

    def of_kind(self, api_version: str, kind: str) -> ServedResource | None:
        """The resource of an owner reference."""
        return self._kinds.get((api_version, kind))

    def of_table(self, table: TableName) -> ServedResource | None:
        """Its preferred version."""
        return next((each for each in self.all() if each.table == table), None)
