"""Definitions of custom kinds as their authors try them out: schemas, versions, defaults, rules, columns."""

import json

from tests.emulated.apiserver.oracle.asking import Step, get, patch, post, quietly
from tests.emulated.apiserver.oracle.paths import CRDS
from tests.emulated.apiserver.oracle.things import crd, rule

GROUP = "more.probe.test"
TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}


def schema(**spec):
    return {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": spec},
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }


class Kind:
    """A definition of its own, and the steps that make it and speak of its objects."""

    def __init__(self, plural: str, schema_: dict, /, **more):
        self.plural, self.kind = plural, plural[:-1].capitalize()
        self.definition = json.loads(json.dumps(crd(plural, self.kind, schema_, **more)).replace("probe.test", GROUP))
        self.all = f"/apis/{GROUP}/v1/namespaces/<ns>/{plural}"
        self.name = f"{plural}.{GROUP}"

    @property
    def ready(self) -> tuple[Step, ...]:
        return (quietly(post(CRDS, self.definition)), quietly(get(self.all, until={"code": 200})))

    def body(self, name: str, version: str = "v1", /, **spec):
        return {"apiVersion": f"{GROUP}/{version}", "kind": self.kind, "metadata": {"name": name}, "spec": spec}

    def new(self, name: str, /, **spec) -> Step:
        return post(self.all, self.body(name, **spec))

    def at(self, version: str) -> str:
        return self.all.replace("/v1/", f"/{version}/")

    def changed(self, name: str, /, **spec) -> Step:
        return patch(f"{self.all}/{name}", {"spec": spec})


def version(name: str, schema_: dict, /, *, storage: bool = False, served: bool = True, **more):
    return {"name": name, "served": served, "storage": storage, "schema": {"openAPIV3Schema": schema_}, **more}


plain = Kind(
    "plains", schema(a=TEXT, n=NUMBER, t={"type": "array", "items": TEXT}, o={"type": "object", "properties": {"x": TEXT}})
)
versions = Kind(
    "crates",
    schema(a=TEXT),
    versions=[
        version("v1", schema(a=TEXT), storage=True),
        version("v2", schema(a=TEXT, b=TEXT | {"default": "B"})),
        version("v1alpha1", schema(a=TEXT), deprecated=True),
        version("v0", schema(a=TEXT), served=False),
    ],
)
ruled = Kind(
    "ruleds",
    schema(
        low=NUMBER,
        high=NUMBER,
        mode={"type": "string", "enum": ["on", "off"]},
        list={
            "type": "array",
            "maxItems": 5,
            "items": {"type": "string", "maxLength": 20},
            "x-kubernetes-validations": [rule("self.all(x, x.startsWith('a'))", message="all must start with a")],
        },
        once={"type": "string", "maxLength": 9, "x-kubernetes-validations": [rule("self == oldSelf")]},
        grow={
            "type": "integer",
            "x-kubernetes-validations": [
                rule("self >= oldSelf", messageExpression="self > 0 ? 'cannot shrink' : 'cannot vanish'")
            ],
        },
        url={
            "type": "string",
            "maxLength": 99,
            "x-kubernetes-validations": [rule("isURL(self) && url(self).getScheme() == 'https'", message="must be https")],
        },
        quantity={
            "type": "string",
            "maxLength": 99,
            "x-kubernetes-validations": [rule("quantity(self).isGreaterThan(quantity('1Gi'))", message="too small")],
        },
        wait={
            "type": "string",
            "maxLength": 99,
            "x-kubernetes-validations": [rule("duration(self) <= duration('1h')", message="too long")],
        },
        ip={"type": "string", "maxLength": 99, "x-kubernetes-validations": [rule("isIP(self)", message="must be an IP")]},
        labels={
            "type": "object",
            "maxProperties": 5,
            "additionalProperties": TEXT | {"maxLength": 9},
            "x-kubernetes-validations": [
                rule("self.all(k, k.matches('^[a-z]+$'))", message="lower case keys only", reason="FieldValueForbidden")
            ],
        },
    ),
)
typed = Kind(
    "typeds",
    schema(
        num={"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 10},
        even={"type": "integer", "multipleOf": 2},
        big={"type": "integer", "format": "int64"},
        small={"type": "integer", "format": "int32"},
        when={"type": "string", "format": "date-time"},
        day={"type": "string", "format": "date"},
        wait={"type": "string", "format": "duration"},
        net={"type": "string", "format": "cidr"},
        six={"type": "string", "format": "ipv6"},
        host={"type": "string", "format": "hostname"},
        raw={"type": "string", "format": "byte"},
        secret={"type": "string", "format": "password"},
        id={"type": "string", "format": "uuid"},
        some={"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-c]+$"},
        pick={"type": "string", "enum": ["a", "b", ""]},
        many={"type": "array", "minItems": 1, "maxItems": 2, "items": NUMBER},
        few={"type": "object", "minProperties": 1, "maxProperties": 2, "additionalProperties": TEXT},
        maybe={"type": "string", "nullable": True, "default": "d"},
        port={"x-kubernetes-int-or-string": True, "anyOf": [NUMBER, TEXT]},
        both={"type": "object", "required": ["x", "y"], "properties": {"x": TEXT, "y": TEXT}},
        one={"type": "object", "properties": {"a": TEXT, "b": TEXT}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        no={"type": "string", "not": {"enum": ["bad"]}},
        all={"type": "string", "allOf": [{"minLength": 3}, {"pattern": "^x"}]},
    ),
)
columned = Kind(
    "columneds",
    schema(
        a=TEXT,
        n=NUMBER,
        f={"type": "number"},
        b=FLAG,
        o={"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        l={"type": "array", "items": {"type": "object", "properties": {"t": TEXT, "v": TEXT}}},
        d={"type": "string", "format": "date-time"},
    ),
    additionalPrinterColumns=[
        {"name": "A", "type": "string", "jsonPath": ".spec.a"},
        {"name": "N", "type": "integer", "jsonPath": ".spec.n"},
        {"name": "F", "type": "number", "jsonPath": ".spec.f"},
        {"name": "B", "type": "boolean", "jsonPath": ".spec.b"},
        {"name": "O", "type": "string", "jsonPath": ".spec.o"},
        {"name": "V", "type": "string", "jsonPath": '.spec.l[?(@.t=="x")].v'},
        {"name": "L", "type": "string", "jsonPath": ".spec.l[*].v"},
        {"name": "D", "type": "date", "jsonPath": ".spec.d"},
        {"name": "Label", "type": "string", "jsonPath": ".metadata.labels.x\\.y/z"},
        {"name": "First", "type": "string", "jsonPath": ".spec.l[0].v"},
    ],
)
parted = Kind(
    "parteds",
    schema(replicas=NUMBER, a=TEXT),
    subresources={
        "status": {},
        "scale": {
            "specReplicasPath": ".spec.replicas",
            "statusReplicasPath": ".status.replicas",
            "labelSelectorPath": ".status.selector",
        },
    },
)
lone = Kind("lones", schema(a=TEXT))
defaulted = Kind(
    "defaulteds",
    schema(
        a=TEXT | {"default": "A"},
        o={"type": "object", "default": {"x": "X"}, "properties": {"x": TEXT, "y": TEXT | {"default": "Y"}}},
        l={"type": "array", "items": {"type": "object", "properties": {"n": TEXT, "z": NUMBER | {"default": 7}}}},
        m={"type": "object", "additionalProperties": {"type": "object", "properties": {"q": TEXT | {"default": "Q"}}}},
    ),
)
listed = Kind(
    "listeds",
    schema(
        m={
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["a", "b"],
            "items": {"type": "object", "required": ["a"], "properties": {"a": TEXT, "b": NUMBER | {"default": 1}, "c": TEXT}},
        },
        s={"type": "array", "x-kubernetes-list-type": "set", "items": TEXT},
    ),
)
selected = Kind(
    "selecteds",
    schema(a=TEXT, n=NUMBER, b=FLAG),
    selectableFields=[{"jsonPath": ".spec.a"}, {"jsonPath": ".spec.n"}, {"jsonPath": ".spec.b"}],
)

changing = Kind("changings", schema(a=TEXT))
evolving = Kind("evolvings", schema(a=TEXT, b=TEXT))
moving = Kind("movings", schema(a=TEXT))
taken, rival = Kind("takens", schema(a=TEXT)), Kind("rivals", schema(a=TEXT), names={"listKind": "TakenList"})
leaving, wide = Kind("leavings", schema(a=TEXT)), Kind("wides", schema(a=TEXT), scope="Cluster")
stricter = Kind(
    "stricters",
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "x-kubernetes-validations": [
                    rule("self.min <= self.max", message="min above max", fieldPath=".min"),
                    rule("!has(oldSelf.labels) || has(self.labels)", message="labels stay"),
                ],
                "properties": {
                    "min": NUMBER,
                    "max": NUMBER,
                    "kind": {
                        "type": "string",
                        "enum": ["x", "y", "z"],
                        "x-kubernetes-validations": [rule("oldSelf != 'y' || self == 'y'", messageExpression="'not ' + self")],
                    },
                    "names": {
                        "type": "array",
                        "maxItems": 5,
                        "items": {"type": "string", "maxLength": 9},
                        "x-kubernetes-validations": [
                            rule("self.all(a, self.exists_one(b, a == b))", message="twice", reason="FieldValueDuplicate")
                        ],
                    },
                    "labels": {"type": "object", "maxProperties": 3, "additionalProperties": {"type": "string", "maxLength": 9}},
                    "when": {"type": "string", "format": "date-time"},
                },
            }
        },
    },
)
single = Kind(
    "singles",
    {
        "type": "object",
        "x-kubernetes-validations": [rule("self.metadata.name == 'config'", message="must be named config")],
        "properties": {
            "spec": {"type": "object", "properties": {"a": TEXT}},
            "status": {"type": "object", "properties": {"phase": {"type": "string", "enum": ["Ready"]}}},
        },
    },
    subresources={"status": {}},
)
aged = Kind(
    "ageds",
    schema(a=TEXT),
    versions=[
        version("v1", schema(a=TEXT), storage=True),
        version("v1beta1", schema(a=TEXT), deprecated=True, deprecationWarning="v1beta1 is old"),
    ],
)
free = Kind("frees", {"type": "object", "x-kubernetes-preserve-unknown-fields": True})
boxed = Kind(
    "boxeds",
    schema(inner={"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}),
)
nulled = Kind(
    "nulleds",
    schema(
        a=TEXT,
        b=TEXT | {"nullable": True},
        c=TEXT | {"default": "C"},
        d={"type": "array", "items": TEXT},
        e={"type": "object", "additionalProperties": TEXT},
    ),
)


def versioned_path(name: str) -> str:
    return f"/apis/{GROUP}/{name}/namespaces/<ns>/nothings"


def wrong(schema_=None, /, *, metadata=None, spec=None, version=None):
    """A definition with something changed that makes it wrong."""
    body = Kind("bads", schema_ if schema_ is not None else schema(a=TEXT)).definition
    body["metadata"] |= metadata or {}
    body["spec"] |= spec or {}
    for each in body["spec"]["versions"]:
        each.update(version or {})
    return body
