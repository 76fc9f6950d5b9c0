# ruff: noqa: E501 -- one probe a line
"""CustomResourceDefinitions: their life, their refusals, what they make of versions and schemas."""

from tests.emulated.apiserver.oracle.asking import delete, get, gone, patch, post, probe, put, quietly
from tests.emulated.apiserver.oracle.probes.reading import TABLE
from tests.emulated.apiserver.oracle.things import CRDS, crd, rule, with_meta

OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
ESTABLISHED = {"status.conditions.1.type": "Established", "status.conditions.1.status": "True"}
HOOK = {"strategy": "Webhook", "webhook": {"clientConfig": {"url": "https://127.0.0.1:1/x"}, "conversionReviewVersions": ["v1"]}}


def refused(name: str, body):
    return probe(f"definition {name}", post(CRDS, body))


def schema(name: str, properties, /, **more):
    return refused(f"schema {name}", crd("bads", "Bad", {"type": "object", "properties": properties, **more}))


def spec(**more):
    return {"spec": {"type": "object", **more}}


def versions(*names: str, **more):
    return [
        {"name": name, "served": True, "storage": index == 0, "schema": {"openAPIV3Schema": OPEN}} | more
        for index, name in enumerate(names)
    ]


def lives(plural: str, *steps, body=None):
    """A definition made and established, and then what is done with it."""
    return (
        quietly(post(CRDS, body or crd(plural, plural.title(), OPEN))),
        get(f"{CRDS}/{plural}.probe.test", until=ESTABLISHED, quiet=True),
        get(f"/apis/probe.test/v1/{plural}", until={"code": 200}, quiet=True),
        *steps,
    )


BASE = crd("bads", "Bad", OPEN)

PROBES = (
    refused("bare", {"metadata": {"name": "x"}}),
    refused("bare spec", {"metadata": {"name": "bads.probe.test"}, "spec": {}}),
    refused("misnamed", with_meta(BASE, name="other.probe.test")),
    refused("without schema", crd("bads", "Bad", OPEN, schema=None)),
    refused("with empty schema", crd("bads", "Bad", {})),
    refused("scope bad", crd("bads", "Bad", OPEN, scope="Odd")),
    refused("no storage", crd("bads", "Bad", OPEN, storage=False)),
    refused("two storages", crd("bads", "Bad", OPEN, versions=versions("v1", "v2", storage=True))),
    refused("version twice", crd("bads", "Bad", OPEN, versions=versions("v1", "v1"))),
    refused("no versions", crd("bads", "Bad", OPEN, versions=[])),
    refused("version bad name", crd("bads", "Bad", OPEN, versions=versions("V_1"))),
    refused("kind bad", crd("bads", "bad kind", OPEN)),
    refused("plural bad", crd("Bads", "Bad", OPEN)),
    refused("short name bad", crd("bads", "Bad", OPEN, names={"shortNames": ["B_"]})),
    refused("of a protected group", with_meta(BASE | {"spec": BASE["spec"] | {"group": "x.k8s.io"}}, name="bads.x.k8s.io")),
    refused("preserving all", crd("bads", "Bad", OPEN, preserveUnknownFields=True)),
    refused("conversion bad", crd("bads", "Bad", OPEN, conversion={"strategy": "Odd"})),
    refused("conversion bare", crd("bads", "Bad", OPEN, conversion={"strategy": "Webhook"})),
    refused("column bad", crd("bads", "Bad", OPEN, additionalPrinterColumns=[{"name": "a", "type": "odd", "jsonPath": "a"}])),
    refused("scale bad", crd("bads", "Bad", OPEN, subresources={"scale": {"specReplicasPath": "spec", "statusReplicasPath": ".status.x"}})),
    refused("selectable bad", crd("bads", "Bad", OPEN, selectableFields=[{"jsonPath": ".spec.x"}])),
    refused("unknown field", crd("bads", "Bad", OPEN, odd=1) | {"metadata": {"name": "bads.odd.test"}}),
    schema("without type", {"spec": {}}),
    schema("root no object", spec(), type="string"),
    schema("list without items", spec(properties={"a": {"type": "array"}})),
    schema("default wrong", spec(properties={"a": {"type": "integer", "default": "x"}})),
    schema("additional and properties", spec(properties={"a": {"type": "string"}}, additionalProperties={"type": "string"})),
    schema("additional false", spec(additionalProperties=False)),
    schema("ref", {"spec": {"$ref": "#/x"}}),
    schema("unique items", spec(properties={"a": {"type": "array", "items": {"type": "string"}, "uniqueItems": True}})),
    schema("list map without keys", spec(properties={"a": {"type": "array", "x-kubernetes-list-type": "map", "items": {"type": "object"}}})),
    schema("list map key optional", spec(properties={"a": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "items": {"type": "object", "properties": {"k": {"type": "string"}}}}})),
    schema("list type odd", spec(properties={"a": {"type": "array", "x-kubernetes-list-type": "odd", "items": {"type": "string"}}})),
    schema("pattern bad", spec(properties={"a": {"type": "string", "pattern": "("}})),
    schema("metadata property", {"metadata": {"type": "object", "properties": {"labels": {"type": "object"}}}}),
    schema("metadata name", {"metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 5}}}} | {"spec": {"type": "wrong"}}),
    schema("rule bad", spec(**{"x-kubernetes-validations": [rule("self.x ==")]})),
    schema("rule unknown field", spec(properties={"a": {"type": "string"}}, **{"x-kubernetes-validations": [rule("self.b == 'x'")]})),
    schema("rule not boolean", spec(properties={"a": {"type": "string"}}, **{"x-kubernetes-validations": [rule("self.a")]})),
    schema("rule empty", spec(**{"x-kubernetes-validations": [{"rule": ""}]})),
    schema("type odd", spec(properties={"a": {"type": "odd"}})),
    schema("enum empty type", spec(properties={"a": {"enum": ["x"]}})),
    schema("int or string typed", spec(properties={"a": {"type": "string", "x-kubernetes-int-or-string": True}})),
    schema("nullable default", spec(properties={"a": {"type": "string", "default": None}})),
    probe("definition unknown field strict", post(f"{CRDS}?fieldValidation=Strict", crd("bads", "Bad", OPEN, odd=1))),
    probe("definition dry", post(f"{CRDS}?dryRun=All", crd("drys", "Dry", OPEN)), get(f"{CRDS}/drys.probe.test")),
    probe("definition lives", *lives("lives", get(f"{CRDS}/lives.probe.test"), get(CRDS + "?fieldSelector=metadata.name=lives.probe.test", TABLE), delete(f"{CRDS}/lives.probe.test"), gone(f"{CRDS}/lives.probe.test"),
          get("/apis/probe.test/v1/lives", until={"code": 404}), get("/apis/probe.test/v1/namespaces/default/lives/x"))),
    probe("definition with objects deleted", *lives("olds", post("/apis/probe.test/v1/namespaces/default/olds", {"apiVersion": "probe.test/v1", "kind": "Olds", "metadata": {"name": "x", "finalizers": ["a.b/c"]}}),
          quietly(delete(f"{CRDS}/olds.probe.test")), get("/apis/probe.test/v1/namespaces/default/olds/x", until={"metadata.deletionGracePeriodSeconds": 0}, quiet=True),
          get(f"{CRDS}/olds.probe.test", until={"status.conditions.2.type": "Terminating"}),
          post("/apis/probe.test/v1/namespaces/default/olds", {"apiVersion": "probe.test/v1", "kind": "Olds", "metadata": {"name": "y"}}),
          quietly(patch("/apis/probe.test/v1/namespaces/default/olds/x", {"metadata": {"finalizers": None}})), gone(f"{CRDS}/olds.probe.test"))),
    probe("definition names taken", *lives("firsts", quietly(post(CRDS, crd("seconds", "Firsts", OPEN))),
          get(f"{CRDS}/seconds.probe.test", until={"status.conditions.0.status": "False"}), quietly(delete(f"{CRDS}/seconds.probe.test")), quietly(delete(f"{CRDS}/firsts.probe.test")))),
    probe("definition changed", *lives("news", patch(f"{CRDS}/news.probe.test", {"spec": {"names": {"shortNames": ["nw"], "categories": ["all"]}}}),
          get(f"{CRDS}/news.probe.test", until={"status.acceptedNames.shortNames": ["nw"]}), get("/apis/probe.test/v1", until={}, quiet=True),
          patch(f"{CRDS}/news.probe.test", {"spec": {"scope": "Cluster"}}), patch(f"{CRDS}/news.probe.test", {"spec": {"group": "other.test"}}), patch(f"{CRDS}/news.probe.test", {"spec": {"names": {"kind": "Other"}}}), quietly(delete(f"{CRDS}/news.probe.test")))),
    probe("definition storage moved", *lives("moves", get(f"{CRDS}/moves.probe.test", saves={"rv": "metadata.resourceVersion"}, quiet=True),
          put(f"{CRDS}/moves.probe.test", with_meta(crd("moves", "Moves", OPEN, versions=versions("v2", "v1")), resourceVersion="<rv>")),
          get(f"{CRDS}/moves.probe.test"), get(f"{CRDS}/moves.probe.test", saves={"rv": "metadata.resourceVersion"}, quiet=True),
          put(f"{CRDS}/moves.probe.test", with_meta(crd("moves", "Moves", OPEN, versions=versions("v2")), resourceVersion="<rv>")), quietly(delete(f"{CRDS}/moves.probe.test")))),
    probe("definition status", *lives("stats", get(f"{CRDS}/stats.probe.test/status"), patch(f"{CRDS}/stats.probe.test/status", {"status": {"storedVersions": ["v1", "v9"]}}), patch(f"{CRDS}/stats.probe.test/status", {"status": {"storedVersions": []}}), quietly(delete(f"{CRDS}/stats.probe.test")))),
    probe("definition webhook conversion unreachable", *lives("hooks", quietly(post("/apis/probe.test/v1/namespaces/default/hooks", {"apiVersion": "probe.test/v1", "kind": "Hooks", "metadata": {"name": "x"}})),
          get("/apis/probe.test/v2/namespaces/default/hooks/x", quiet=True), get("/apis/probe.test/v1/namespaces/default/hooks/x"), quietly(delete(f"{CRDS}/hooks.probe.test")),
          body=crd("hooks", "Hooks", OPEN, versions=versions("v1", "v2"), conversion=HOOK))),
    probe("definition deprecated version", *lives("oldies", post("/apis/probe.test/v1/namespaces/default/oldies", {"apiVersion": "probe.test/v1", "kind": "Oldies", "metadata": {"name": "x"}}), get("/apis/probe.test/v1/namespaces/default/oldies/x"), quietly(delete(f"{CRDS}/oldies.probe.test")),
          body=crd("oldies", "Oldies", OPEN, deprecated=True, deprecationWarning="go on"))),
    probe("definition deprecated without words", *lives("agings", get("/apis/probe.test/v1/namespaces/default/agings"), quietly(delete(f"{CRDS}/agings.probe.test")), body=crd("agings", "Agings", OPEN, deprecated=True))),
    probe("definition not served", *lives("halfs", get("/apis/probe.test/v2/halfs"), quietly(delete(f"{CRDS}/halfs.probe.test")),
          body=crd("halfs", "Halfs", OPEN, versions=[versions("v1")[0], versions("x", "v2", served=False)[1]]))),
    probe("definition without status subresource", *lives("plains", post("/apis/probe.test/v1/namespaces/default/plains", {"apiVersion": "probe.test/v1", "kind": "Plains", "metadata": {"name": "x"}, "status": {"a": 1}}),
          patch("/apis/probe.test/v1/namespaces/default/plains/x", {"status": {"a": 2}}), patch("/apis/probe.test/v1/namespaces/default/plains/x/status", {"status": {"a": 3}}), quietly(delete(f"{CRDS}/plains.probe.test")))),
    probe("definition again", *lives("agains", post(CRDS, crd("agains", "Agains", OPEN)), quietly(delete(f"{CRDS}/agains.probe.test")))),
    probe("definition put without version", *lives("puts", put(f"{CRDS}/puts.probe.test", crd("puts", "Puts", OPEN)), quietly(delete(f"{CRDS}/puts.probe.test")))),
    probe("definition applied", patch(f"{CRDS}/applys.probe.test?fieldManager=m", crd("applys", "Applys", OPEN), "application/apply-patch+yaml"), quietly(delete(f"{CRDS}/applys.probe.test"))),
    probe("definition conversion v1beta1 path", get("/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions")),
)  # fmt: skip
