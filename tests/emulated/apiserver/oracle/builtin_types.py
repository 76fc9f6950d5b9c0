"""Writes builtin_kinds.json: what a real kube-apiserver serves and how its types are made, without a word of its descriptions.

`python -m tests.emulated.apiserver.oracle.builtin_types URL TOKEN MODULES` asks a running server for its discovery and OpenAPI
documents. The numbers of protobuf fields come from the `generated.proto` files below MODULES (Go's module cache), and from the
`types.go` files what becomes of a field that was not given: left out (`omit`), or written as its Go type's nothing (`default`).
"""

import argparse
import json
import re
import ssl
import urllib.request
from pathlib import Path
from typing import Any

import harness.emulated.apiserver.kinds

TARGET = Path(harness.emulated.apiserver.kinds.__file__).with_name("builtin_kinds.json")
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
CUSTOM = ".test"
"""How the groups of the probes end."""
DISCOVERED = tuple(f"meta.v1.{each}" for each in ("APIGroupList", "APIGroup", "APIResourceList", "APIVersions"))
OTHERS = (
    *DISCOVERED,
    "pkg.version.Info",
    "meta.v1.DeleteOptions",
    "policy.v1.Eviction",
    "meta.v1.Status",
    "autoscaling.v1.Scale",
    "authentication.v1.TokenRequest",
)
SCALARS: dict[str, Any] = {
    "meta.v1.Time": {"type": "string", "format": "date-time"},
    "meta.v1.MicroTime": {"type": "string", "format": "micro-time"},
    "api.resource.Quantity": {"type": "string", "format": "quantity"},
    "util.intstr.IntOrString": {"x-kubernetes-int-or-string": True},
}
KEPT = ("type", "format", "enum", "required", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type")
KEPT_TOO = ("x-kubernetes-unions", "x-kubernetes-patch-merge-key", "x-kubernetes-patch-strategy")
FIELD = re.compile(r"^\s+(?:optional|repeated|required)?\s*(?:map<[^>]+>|[\w.]+) (\w+) = (\d+);")
Json = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "token", "modules"):
        parser.add_argument(name)
    arguments = parser.parse_args()
    ask = asker(arguments.url, arguments.token)
    resources = [each for path in ("/api", "/apis") for each in served(ask(path, DISCOVERY))]
    documents = [ask(f"/openapi/v3/{name}", "application/json") for name in ask("/openapi/v3", "application/json")["paths"]]
    schemas = {
        name: schema for document in documents for name, schema in document.get("components", {}).get("schemas", {}).items()
    }
    types = Types(schemas, numbers(Path(arguments.modules)), zeros(Path(arguments.modules)))
    for each in resources:
        each["type"] = types.of_kind(each["group"], each["version"], each["kind"])
        each["columns"] = columns(ask, each) if "list" in each["verbs"] else []
    for name in OTHERS:
        types.need(name)
    TARGET.write_text(said({"resources": resources, "types": dict(sorted(types.made.items()))}))


def said(found: Json) -> str:
    """One resource and one type a line."""
    resources = ",\n".join(json.dumps(each, separators=(",", ":")) for each in found["resources"])
    types = ",\n".join(f"{json.dumps(name)}:{json.dumps(each, separators=(',', ':'))}" for name, each in found["types"].items())
    return f'{{"resources":[\n{resources}\n],\n"types":{{\n{types}\n}}}}\n'


def asker(url: str, token: str):
    trust = ssl._create_unverified_context()

    def ask(path: str, accept: str) -> Json:
        request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {token}", "Accept": accept})
        with urllib.request.urlopen(request, context=trust) as answer:
            return json.load(answer)

    return ask


def served(document: Json) -> list[Json]:
    found = []
    for group in document["items"]:
        name = group["metadata"].get("name", "")
        for version in group["versions"] if not name.endswith(CUSTOM) else ():
            found += [resource(name, version["version"], each) for each in version["resources"]]
    return found


def resource(group: str, version: str, each: Json) -> Json:
    found = {"group": group, "version": version, "plural": each["resource"], "kind": each["responseKind"]["kind"]}
    found |= {"namespaced": each["scope"] == "Namespaced", "singular": each["singularResource"], "verbs": each["verbs"]}
    found |= {"short_names": each.get("shortNames", []), "categories": each.get("categories", [])}
    parts = [
        {"name": part["subresource"], "kind": part["responseKind"], "verbs": part["verbs"]}
        for part in each.get("subresources", ())
    ]
    return found | {"parts": parts}


def columns(ask: Any, each: Json) -> list[Json]:
    """Of its table: names, types, formats and priorities."""
    base = f"/apis/{each['group']}/{each['version']}" if each["group"] else f"/api/{each['version']}"
    found = ask(f"{base}/{each['plural']}?limit=1", "application/json;as=Table;v=v1;g=meta.k8s.io")["columnDefinitions"]
    return [{key: column[key] for key in ("name", "type", "format", "priority")} for column in found]


def short(name: str) -> str:
    """`core.v1.Container` of either way of writing it."""
    return ".".join(name.replace("_", "-").split(".")[-3:])


class Types:
    def __init__(self, schemas: Json, numbers: dict[str, dict[str, int]], zeros: dict[str, dict[str, Json]]) -> None:
        self.schemas, self.numbers, self.zeros = {short(name): schema for name, schema in schemas.items()}, numbers, zeros
        self.made: Json = {}

    def of_kind(self, group: str, version: str, kind: str) -> str:
        wanted = {"group": group, "version": version, "kind": kind}
        name = next(name for name, each in self.schemas.items() if wanted in each.get("x-kubernetes-group-version-kind", ()))
        return self.need(name)

    def need(self, name: str) -> str:
        if name not in self.made:
            self.made[name] = {}
            numbers = self.numbers.get(name, {})
            schema = self.schemas[name]
            made = self.kept(schema)
            if "properties" in schema:
                zeros = self.zeros.get(name, {})
                members = {each: zeros.get(each, {}) | self.member(member) for each, member in schema["properties"].items()}
                made["properties"] = {
                    each: one | ({"number": numbers[each]} if each in numbers else {}) for each, one in members.items()
                }
            elif not made.get("type") or made["type"] == "object":
                made["x-kubernetes-preserve-unknown-fields"] = True
            self.made[name] = made
        return name

    def member(self, schema: Json) -> Json:
        made = self.typed(schema)
        return made | ({"said": schema["default"]} if "default" in schema else {})

    def typed(self, schema: Json) -> Json:
        reference = schema.get("$ref") or (schema.get("allOf") or [{}])[0].get("$ref")
        made = self.kept(schema)
        if reference:
            name = short(reference.removeprefix("#/components/schemas/"))
            made |= SCALARS.get(name) or {"$ref": self.need(name)}
            made |= {"default": {}} if schema.get("default") == {} and name not in SCALARS else {}
        elif schema.get("default"):
            made["default"] = schema["default"]
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                made[key] = self.member(schema[key])
                made[key].pop("default", None)
        return made

    def kept(self, schema: Json) -> Json:
        return {key: schema[key] for key in (*KEPT, *KEPT_TOO) if key in schema}


def numbers(modules: Path) -> dict[str, dict[str, int]]:
    """{type: {field: number}} of every proto file of the one version of each module."""
    found: dict[str, dict[str, int]] = {}
    for path in sorted(modules.glob("k8s.io/*@v0.36.3/**/generated.proto")):
        package = message = ""
        for line in path.read_text().splitlines():
            if line.startswith("package "):
                package = line.split()[1].rstrip(";")
            elif line.startswith("message "):
                message = short(f"{package}.{line.split()[1]}")
                found[message] = {}
            elif field := FIELD.match(line):
                found[message][field[1][0].lower() + field[1][1:]] = int(field[2])
    return found


STRUCT, INLINE = re.compile(r"^type (\w+) struct \{"), re.compile(r'^\s+(?:\w+\.)?(\w+) `json:",inline"')
MEMBER = re.compile(r'^\s+\w+\s+(\S+)\s+`json:"([^",]+)(,[\w,]+)?')
NAMED = re.compile(r"^type (\w+) (string|\[\]|map)")


def zeros(modules: Path) -> dict[str, dict[str, Json]]:
    """{type: {field: what its schema gets}}: `omit` where Go leaves nothing out, `default` where it writes it."""
    found: dict[str, dict[str, Json]] = {}
    for path in sorted(modules.glob("k8s.io/*@v0.36.3/**/v*/types*.go")):
        package, struct, inlined = f"{path.parts[-3]}.{path.parts[-2]}", "", []
        text = path.read_text()
        for line in text.splitlines():
            if began := STRUCT.match(line):
                struct = f"{package}.{began[1]}"
                found[struct] = {}
            elif inline := INLINE.match(line):
                inlined.append((struct, f"{package}.{inline[1]}"))
            elif member := MEMBER.match(line):
                found.setdefault(struct, {})[member[2]] = zero(member[1], member[3] or "")
        for outer, inner in inlined:
            found[outer] |= found.get(inner, {})
    return found


PLAIN = {"string": "", "bool": False, "int32": 0, "int64": 0, "int": 0}


def zero(kind: str, options: str) -> Json:
    pointer, container = kind.startswith("*"), kind.startswith(("[]", "map["))
    if kind.endswith("Time") and not pointer and not container and "omitzero" not in options:
        return {"default": None}
    if "omit" in options:
        return {} if pointer else {"omit": True}
    return {"default": None if pointer or container else PLAIN.get(kind, "")}


if __name__ == "__main__":
    main()
