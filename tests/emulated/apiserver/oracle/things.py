"""The custom resources and the built-in objects that the probes speak of."""

from typing import Any

from tests.emulated.apiserver.oracle.asking import Step, get, post, quietly
from tests.emulated.apiserver.oracle.paths import CMS, CRDS, WIDGETS
from tests.emulated.apiserver.samples import DEFINITION, configmap, deployment, widget

__all__ = ["configmap", "deployment", "widget"]
Body = dict[str, Any]


def cm(name: str = "c", /, **more: Any) -> Body:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **more}


def with_meta(body: Body, /, **metadata: Any) -> Body:
    return body | {"metadata": body["metadata"] | metadata}


def pod(name: str = "p", /, **spec: Any) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "a", "image": "i"}]} | spec,
    }


def workload(kind: str, version: str = "apps/v1", name: str = "d", /, **spec: Any) -> Body:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def gadget(name: str, /, **spec: Any) -> Body:
    return {"apiVersion": "probe.test/v1", "kind": "Gadget", "metadata": {"name": name}, "spec": spec}


def crd(plural: str, kind: str, schema: Body, /, **more: Any) -> Body:
    """A definition of one version; `more` goes into the version, or into the spec where it belongs there."""
    of_spec = {key: more.pop(key) for key in ("scope", "conversion", "preserveUnknownFields", "versions") if key in more}
    names = {"plural": plural, "kind": kind} | more.pop("names", {})
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}} | more
    spec = {"group": "probe.test", "scope": "Namespaced", "names": names, "versions": [version]} | of_spec
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.probe.test"},
        "spec": spec,
    }


def rule(text: str, **more: str) -> Body:
    return {"rule": text} | more


GADGET_SPEC = {
    "type": "object",
    "x-kubernetes-validations": [
        rule("self.low <= self.high", message="low must not be above high"),
        rule(
            "!has(self.word) || self.word.startsWith('a')",
            messageExpression="'word is ' + self.word",
            reason="FieldValueForbidden",
        ),
    ],
    "properties": {
        "low": {"type": "integer", "default": 0},
        "high": {"type": "integer", "default": 10},
        "word": {"type": "string"},
        "fixed": {"type": "string", "x-kubernetes-validations": [rule("self == oldSelf", message="is immutable")]},
        "colour": {"type": "string"},
        "when": {"type": "string", "format": "date-time"},
        "mail": {"type": "string", "format": "email"},
        "link": {"type": "string", "format": "uri"},
        "mac": {"type": "string", "format": "mac"},
        "ip": {"type": "string", "format": "ipv4"},
        "uuid": {"type": "string", "format": "uuid"},
        "small": {"type": "integer", "format": "int32"},
        "ratio": {"type": "number"},
        "flag": {"type": "boolean"},
        "names": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": 3},
        "unique": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "integer"}},
        "parts": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "size": {"type": "integer", "default": 1}},
            },
        },
        "whole": {
            "type": "object",
            "x-kubernetes-map-type": "atomic",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        },
        "bag": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 3}, "maxProperties": 2},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "size": {"x-kubernetes-int-or-string": True},
        "nullable": {"type": "string", "nullable": True},
        "nested": {"type": "object", "default": {}, "properties": {"deep": {"type": "string", "default": "down"}}},
        "embedded": {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True},
        "either": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
    },
}
GADGET = crd(
    "gadgets",
    "Gadget",
    {"type": "object", "properties": {"spec": GADGET_SPEC}},
    scope="Cluster",
    selectableFields=[{"jsonPath": ".spec.colour"}],
    additionalPrinterColumns=[
        {"name": "Colour", "type": "string", "jsonPath": ".spec.colour", "description": "Its colour"},
        {"name": "High", "type": "integer", "jsonPath": ".spec.high", "priority": 1, "format": "int32"},
        {"name": "Parts", "type": "string", "jsonPath": ".spec.parts[*].name"},
        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ],
)
SETUP: tuple[Step, ...] = (
    post(CRDS, DEFINITION),
    post(CRDS, GADGET),
    *(get(f"/apis/probe.test/v1/{plural}", until={"code": 200}) for plural in ("widgets", "gadgets")),
    get("/apis/probe.test/v1beta1/widgets", until={"code": 200}),
    get("/openapi/v3/apis/probe.test/v1", until={"code": 200}),
)
MADE = quietly(post(CMS, configmap("one", a="1", b="2")))
CUSTOM = quietly(post(WIDGETS, widget("one", size=1, tags=["x"], ports=[{"port": 1, "name": "a"}])))
