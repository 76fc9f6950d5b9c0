"""The paths of an OpenAPI document. There is one a kind, with what kubectl looks up: the kind, and the parameters of its PATCH."""

from collections.abc import Iterable

from harness.emulated.apiserver.kinds.registry import Json, ServedResource

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_PARAMETERS = {"dryRun": "string", "fieldManager": "string", "fieldValidation": "string", "force": "boolean"}
_APART = {
    "apiextensions.k8s.io": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
    "apiregistration.k8s.io": "io.k8s.kube-aggregator.pkg.apis.apiregistration",
}


def schema_name(resource: ServedResource) -> str:
    """The name of the schema of a resource: `io.k8s.api.apps.v1.Deployment`, `test.probe.v1.Widget`."""
    group = resource.group
    if resource.custom:
        return f"{'.'.join(reversed(group.split('.')))}.{resource.version}.{resource.kind}"
    package = _APART.get(group) or "io.k8s.api." + (group or "core").partition(".")[0]
    return f"{package}.{resource.version}.{resource.kind}"


def paths_of(base: str, resources: Iterable[ServedResource]) -> Json:
    """The paths of one group version: of an object of each kind, or of the collection for kinds that are only created."""
    return dict(sorted(_path(base, each) for each in resources))


def _path(base: str, resource: ServedResource) -> tuple[str, Json]:
    scope = "/namespaces/{namespace}" if resource.namespaced else ""
    method = "patch" if "patch" in resource.verbs else "get" if "get" in resource.verbs else "post"
    parameters = [
        {"name": name, "in": "query", "schema": {"type": kind, "uniqueItems": True}} for name, kind in _PARAMETERS.items()
    ]
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    operation = {
        "parameters": parameters if method == "patch" else [],
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": method,
        "x-kubernetes-group-version-kind": kind,
    }
    return f"{base}{scope}/{resource.plural}" + ("" if method == "post" else "/{name}"), {method: operation}
