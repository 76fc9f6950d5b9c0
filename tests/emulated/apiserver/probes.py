"""One sequence of requests whose answers tell API servers apart, and what of an answer is the same on all of them."""

from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
MERGE, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"
NS = "/api/v1/namespaces"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/probe.test/v1/namespaces/room/widgets"
CONFIGMAPS, SECRETS = f"{NS}/room/configmaps", f"{NS}/room/secrets"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/room/leases"
ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
DEPLOYMENTS = "/apis/apps/v1/namespaces/room/deployments"


@dataclass(frozen=True)
class Probe:
    name: str
    method: str
    path: str
    body: Any = None
    type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer", "minimum": 1, "maximum": 9},
                "colour": {"type": "string", "enum": ["red", "blue"], "default": "red"},
                "word": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5, "minLength": 2},
                "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set", "maxItems": 3},
                "ports": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["port"],
                    "items": {
                        "type": "object",
                        "required": ["port"],
                        "properties": {"port": {"type": "integer"}, "name": {"type": "string"}},
                    },
                },
                "plain": {"type": "array", "items": {"type": "string"}},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "map": {"type": "object", "additionalProperties": {"type": "integer"}},
                "any": {"x-kubernetes-int-or-string": True},
                "maybe": {"type": "string", "nullable": True},
                "one": {
                    "type": "object",
                    "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                    "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
                },
                "replicas": {"type": "integer", "default": 1},
            },
        },
        "status": {
            "type": "object",
            "properties": {"state": {"type": "string"}, "replicas": {"type": "integer"}},
        },
    },
}


def _version(name: str, *, storage: bool) -> dict[str, Any]:
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    columns = [
        {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
        {"name": "State", "type": "string", "jsonPath": ".status.state"},
    ]
    return {
        "name": name,
        "served": True,
        "storage": storage,
        "schema": {"openAPIV3Schema": SCHEMA},
        "subresources": {"status": {}, "scale": scale},
        "additionalPrinterColumns": columns,
    }


DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.probe.test", "labels": {"probe": ""}},
    "spec": {
        "group": "probe.test",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"]},
        "versions": [_version("v1beta1", storage=False), _version("v1", storage=True)],
    },
}


def widget(name: str, *, version: str = "v1", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": f"probe.test/{version}", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


def configmap(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def deployment(name: str) -> dict[str, Any]:
    labels = {"app": name}
    container = {"name": "a", "image": "i", "ports": [{"containerPort": 80}]}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
PARTIAL = {"Accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"}
PARTIAL_LIST = {"Accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"}
RESUBMIT = {"metadata": {"resourceVersion": "1"}}


def _with(body: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return body | {"metadata": body["metadata"] | metadata}


ONE = f"{WIDGETS}/one"
PROBES = (
    Probe("namespace created", "POST", NS, {"metadata": {"name": "room"}}),
    Probe("namespace again", "POST", NS, {"metadata": {"name": "room"}}),
    Probe("namespace bad name", "POST", NS, {"metadata": {"name": "Room_"}}),
    Probe("definition created", "POST", CRDS, DEFINITION),
    Probe("definition misnamed", "POST", CRDS, _with(DEFINITION, name="other.probe.test")),
    Probe("group", "GET", "/apis/probe.test"),
    Probe("group version", "GET", "/apis/probe.test/v1"),
    Probe("unknown group version", "GET", "/apis/nothing.test/v1"),
    Probe("unknown resource", "GET", "/apis/probe.test/v1/nothings"),
    Probe("create", "POST", WIDGETS, widget("one", size=1)),
    Probe("create again", "POST", WIDGETS, widget("one", size=1)),
    Probe("create in unknown namespace", "POST", WIDGETS.replace("room", "nowhere"), widget("one", size=1)),
    Probe("create of wrong kind", "POST", WIDGETS, widget("x", size=1) | {"kind": "Gadget"}),
    Probe("create without kind", "POST", WIDGETS, {"metadata": {"name": "x"}}),
    Probe("create without name", "POST", WIDGETS, _with(widget("x", size=1), name="")),
    Probe("create in other namespace", "POST", WIDGETS, _with(widget("x", size=1), namespace="default")),
    Probe("create with version", "POST", WIDGETS, _with(widget("x", size=1), resourceVersion="5")),
    Probe("create with status", "POST", WIDGETS, widget("two", size=2) | {"status": {"state": "gone"}}),
    Probe("create with deletionTimestamp", "POST", WIDGETS, _with(widget("dead", size=2), deletionTimestamp="2026-01-01T00:00:00Z")),
    Probe("create missing required", "POST", WIDGETS, widget("x")),
    Probe("create out of range", "POST", WIDGETS, widget("x", size=10)),
    Probe("create of wrong type", "POST", WIDGETS, widget("x", size="big")),
    Probe("create not in enum", "POST", WIDGETS, widget("x", size=1, colour="green")),
    Probe("create not in pattern", "POST", WIDGETS, widget("x", size=1, word="A1")),
    Probe("create too long", "POST", WIDGETS, widget("x", size=1, word="abcdefgh")),
    Probe("create too many", "POST", WIDGETS, widget("x", size=1, tags=["a", "b", "c", "d"])),
    Probe("create duplicate in set", "POST", WIDGETS, widget("x", size=1, tags=["a", "a"])),
    Probe("create duplicate in map", "POST", WIDGETS, widget("x", size=1, ports=[{"port": 1}, {"port": 1}])),
    Probe("create neither of one", "POST", WIDGETS, widget("x", size=1, one={})),
    Probe("create two faults", "POST", WIDGETS, widget("x", size=0, colour="green")),
    Probe("create nulls", "POST", WIDGETS, widget("nulls", size=1, colour=None, maybe=None, word=None)),
    Probe("create unknown field warns", "POST", f"{WIDGETS}?fieldValidation=Warn", widget("warn", size=1, odd=1, free={"odd": 1})),
    Probe("create unknown field strict", "POST", f"{WIDGETS}?fieldValidation=Strict", widget("x", size=1, odd=1)),
    Probe("create unknown field ignored", "POST", f"{WIDGETS}?fieldValidation=Ignore", widget("ignore", size=1, odd=1)),
    Probe("create dry", "POST", f"{WIDGETS}?dryRun=All", widget("dry", size=1)),
    Probe("dry not there", "GET", f"{WIDGETS}/dry"),
    Probe("create junk", "POST", WIDGETS, "{junk"),
    Probe("create in unknown format", "POST", WIDGETS, "x", type="application/x-nothing"),
    Probe("get", "GET", ONE),
    Probe("get at other version", "GET", ONE.replace("/v1/", "/v1beta1/")),
    Probe("get missing", "GET", f"{WIDGETS}/none"),
    Probe("get nothing acceptable", "GET", ONE, headers={"Accept": "image/png"}),
    Probe("get table", "GET", ONE, headers=TABLE),
    Probe("get partial", "GET", ONE, headers=PARTIAL),
    Probe("put without version", "PUT", ONE, widget("one", size=2)),
    Probe("put stale", "PUT", ONE, _with(widget("one", size=2), resourceVersion="1")),
    Probe("put misnamed", "PUT", ONE, _with(widget("other", size=2), resourceVersion="1")),
    Probe("put missing", "PUT", f"{WIDGETS}/none", _with(widget("none", size=2), resourceVersion="1")),
    Probe("merge spec", "PATCH", ONE, {"spec": {"size": 3, "tags": ["a"]}}, MERGE),
    Probe("merge nothing", "PATCH", ONE, {}, MERGE),
    Probe("merge same", "PATCH", ONE, {"spec": {"size": 3}}, MERGE),
    Probe("merge null", "PATCH", ONE, {"spec": {"tags": None}}, MERGE),
    Probe("merge invalid", "PATCH", ONE, {"spec": {"size": 99}}, MERGE),
    Probe("merge stale version", "PATCH", ONE, {"metadata": {"resourceVersion": "1"}, "spec": {"size": 4}}, MERGE),
    Probe("merge other uid", "PATCH", ONE, {"metadata": {"uid": "11111111-1111-4111-8111-111111111111"}}, MERGE),
    Probe("merge missing", "PATCH", f"{WIDGETS}/none", {}, MERGE),
    Probe("merge status by main", "PATCH", ONE, {"status": {"state": "no"}}, MERGE),
    Probe("merge status", "PATCH", f"{ONE}/status", {"status": {"state": "well"}, "spec": {"size": 8}}, MERGE),
    Probe("merge annotations", "PATCH", ONE, {"metadata": {"annotations": {"a": "b"}, "labels": {"l": "1"}}}, MERGE),
    Probe("json replace", "PATCH", ONE, [{"op": "replace", "path": "/spec/size", "value": 5}], JSON_PATCH),
    Probe("json test fails", "PATCH", ONE, [{"op": "test", "path": "/spec/size", "value": 6}], JSON_PATCH),
    Probe("json missing path", "PATCH", ONE, [{"op": "remove", "path": "/spec/none"}], JSON_PATCH),
    Probe("json no list", "PATCH", ONE, {"spec": {}}, JSON_PATCH),
    Probe("json annotations", "PATCH", ONE, [{"op": "add", "path": "/metadata/annotations", "value": {"c": ""}}], JSON_PATCH),
    Probe("strategic on custom", "PATCH", ONE, {}, STRATEGIC),
    Probe("patch of unknown type", "PATCH", ONE, {}, "text/plain"),
    Probe("managedFields written", "PATCH", ONE, {"metadata": {"managedFields": [
        {"manager": "m", "operation": "Update", "apiVersion": "probe.test/v1", "time": "2026-01-01T00:00:00Z",
         "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:size": {}}}}]}}, MERGE),
    Probe("managedFields written again", "PATCH", ONE, {"metadata": {"managedFields": [
        {"manager": "m", "operation": "Update", "apiVersion": "probe.test/v1", "time": "2026-01-01T00:00:00Z",
         "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:size": {}}}}]}}, MERGE),
    Probe("managedFields null", "PATCH", ONE, {"metadata": {"managedFields": None}}, MERGE),
    Probe("managedFields cleared", "PATCH", ONE, {"metadata": {"managedFields": [{}]}}, MERGE),
    Probe("scale get", "GET", f"{ONE}/scale"),
    Probe("scale patch", "PATCH", f"{ONE}/scale", {"spec": {"replicas": 4}}, MERGE),
    Probe("apply new", "PATCH", f"{WIDGETS}/applied?fieldManager=a", widget("applied", size=1, ports=[{"port": 1, "name": "x"}]), APPLY),
    Probe("apply same", "PATCH", f"{WIDGETS}/applied?fieldManager=a", widget("applied", size=1, ports=[{"port": 1, "name": "x"}]), APPLY),
    Probe("apply by other", "PATCH", f"{WIDGETS}/applied?fieldManager=b", widget("applied", size=1, ports=[{"port": 2}]), APPLY),
    Probe("apply conflict", "PATCH", f"{WIDGETS}/applied?fieldManager=b", widget("applied", size=2), APPLY),
    Probe("apply conflict forced", "PATCH", f"{WIDGETS}/applied?fieldManager=b&force=true", widget("applied", size=2), APPLY),
    Probe("apply dropped", "PATCH", f"{WIDGETS}/applied?fieldManager=a", widget("applied", size=2), APPLY),
    Probe("apply without manager", "PATCH", f"{WIDGETS}/applied", widget("applied", size=2), APPLY),
    Probe("update after apply", "PATCH", f"{WIDGETS}/applied?fieldManager=c", {"spec": {"size": 7}}, MERGE),
    Probe("list", "GET", WIDGETS),
    Probe("list all", "GET", "/apis/probe.test/v1/widgets"),
    Probe("list page", "GET", f"{WIDGETS}?limit=2"),
    Probe("list table", "GET", WIDGETS, headers=TABLE),
    Probe("list partial", "GET", WIDGETS, headers=PARTIAL_LIST),
    Probe("list by label", "GET", f"{WIDGETS}?labelSelector=l in (1,2),!x"),
    Probe("list by bad label", "GET", f"{WIDGETS}?labelSelector=l in"),
    Probe("list by name", "GET", f"{WIDGETS}?fieldSelector=metadata.name=two"),
    Probe("list by unknown field", "GET", f"{WIDGETS}?fieldSelector=spec.size=2"),
    Probe("list junk version", "GET", f"{WIDGETS}?resourceVersion=junk"),
    Probe("list future version", "GET", f"{WIDGETS}?resourceVersion=99999999&resourceVersionMatch=NotOlderThan"),
    Probe("list exact 0", "GET", f"{WIDGETS}?resourceVersion=0&resourceVersionMatch=Exact"),
    Probe("list bad match", "GET", f"{WIDGETS}?resourceVersion=1&resourceVersionMatch=Odd"),
    Probe("list match without version", "GET", f"{WIDGETS}?resourceVersionMatch=Exact"),
    Probe("list bad continue", "GET", f"{WIDGETS}?limit=2&continue=junk"),
    Probe("watch initial without match", "GET", f"{WIDGETS}?watch=true&sendInitialEvents=true&timeoutSeconds=1"),
    Probe("watch junk version", "GET", f"{WIDGETS}?watch=true&resourceVersion=junk&timeoutSeconds=1"),
    Probe("finalizer", "PATCH", ONE, {"metadata": {"finalizers": ["probe.test/hold"]}}, MERGE),
    Probe("delete wrong uid", "DELETE", ONE, {"preconditions": {"uid": "11111111-1111-4111-8111-111111111111"}}),
    Probe("delete wrong version", "DELETE", ONE, {"preconditions": {"resourceVersion": "1"}}),
    Probe("delete held", "DELETE", ONE, {"kind": "DeleteOptions", "apiVersion": "v1"}),
    Probe("delete held again", "DELETE", ONE),
    Probe("new finalizer while deleting", "PATCH", ONE, {"metadata": {"finalizers": ["probe.test/hold", "probe.test/more"]}}, MERGE),
    Probe("change while deleting", "PATCH", ONE, {"spec": {"size": 2}}, MERGE),
    Probe("undelete", "PATCH", ONE, {"metadata": {"deletionTimestamp": None}}, MERGE),
    Probe("last finalizer", "PATCH", ONE, {"metadata": {"finalizers": []}}, MERGE),
    Probe("gone", "GET", ONE),
    Probe("delete", "DELETE", f"{WIDGETS}/two"),
    Probe("delete missing", "DELETE", f"{WIDGETS}/two"),
    Probe("delete bad policy", "DELETE", f"{WIDGETS}/warn", {"propagationPolicy": "Odd"}),
    Probe("delete orphan", "DELETE", f"{WIDGETS}/warn", {"propagationPolicy": "Orphan"}),
    Probe("method not allowed", "POST", f"{WIDGETS}/warn", {}),
    Probe("configmap", "POST", CONFIGMAPS, configmap("cm", a="1")),
    Probe("configmap without kind", "POST", CONFIGMAPS, {"metadata": {"name": "bare"}}),
    Probe("configmap put without version", "PUT", f"{CONFIGMAPS}/cm", configmap("cm", a="2")),
    Probe("configmap same", "PUT", f"{CONFIGMAPS}/cm", configmap("cm", a="2")),
    Probe("configmap strategic", "PATCH", f"{CONFIGMAPS}/cm", {"data": {"b": "3", "a": None}}, STRATEGIC),
    Probe("configmap immutable", "PATCH", f"{CONFIGMAPS}/cm", {"immutable": True}, MERGE),
    Probe("configmap immutable changed", "PATCH", f"{CONFIGMAPS}/cm", {"data": {"b": "4"}}, MERGE),
    Probe("configmap list", "GET", f"{CONFIGMAPS}?fieldSelector=metadata.name=cm"),
    Probe("configmap delete", "DELETE", f"{CONFIGMAPS}/cm"),
    Probe("secret text", "POST", SECRETS, {"metadata": {"name": "s"}, "stringData": {"k": "v"}}),
    Probe("secret no base64", "POST", SECRETS, {"metadata": {"name": "t"}, "data": {"k": "%"}}),
    Probe("secret type changed", "PATCH", f"{SECRETS}/s", {"type": "other"}, MERGE),
    Probe("secret by type", "GET", f"{SECRETS}?fieldSelector=type=Opaque"),
    Probe("deployment", "POST", DEPLOYMENTS, deployment("d")),
    Probe("deployment scaled", "PATCH", f"{DEPLOYMENTS}/d/scale", {"spec": {"replicas": 0}}, MERGE),
    Probe("deployment scale read", "GET", f"{DEPLOYMENTS}/d/scale"),
    Probe("deployment status", "PATCH", f"{DEPLOYMENTS}/d/status", {"status": {"replicas": 1, "readyReplicas": 1}}, MERGE),
    Probe("deployment strategic", "PATCH", f"{DEPLOYMENTS}/d", {"spec": {"template": {"spec": {"containers": [
        {"name": "a", "env": [{"name": "E", "value": "1"}]}, {"name": "b", "image": "j"}]}}}}, STRATEGIC),
    Probe("deployment selector", "PATCH", f"{DEPLOYMENTS}/d", {"spec": {"selector": {"matchLabels": {"app": "e"}}}}, MERGE),
    Probe("node", "POST", "/api/v1/nodes", {"metadata": {"name": "n"}, "spec": {"providerID": "metal3://x"}, "status": {"phase": "x"}}),
    Probe("node status", "PATCH", "/api/v1/nodes/n/status", {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, STRATEGIC),
    Probe("lease", "POST", LEASES, {"metadata": {"name": "l"}, "spec": {"holderIdentity": "x"}}),
    Probe("event", "POST", f"{NS}/room/events", {"metadata": {"name": "e"}, "reason": "R", "message": "m", "type": "Normal",
        "involvedObject": {"kind": "Widget", "name": "one", "namespace": "room"}}),
    Probe("event by object", "GET", f"{NS}/room/events?fieldSelector=involvedObject.name=one"),
    Probe("access", "POST", ACCESS, {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}),
    Probe("definition delete", "DELETE", f"{CRDS}/widgets.probe.test"),
    Probe("held", "POST", CONFIGMAPS, _with(configmap("held"), finalizers=["probe.test/hold"])),
    Probe("namespace delete", "DELETE", f"{NS}/room"),
    Probe("create while terminating", "POST", CONFIGMAPS, configmap("late")),
)  # fmt: skip
