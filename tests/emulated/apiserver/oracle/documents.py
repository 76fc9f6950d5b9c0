"""What of a document is compared: of discovery, OpenAPI, a table, an error, a list of managers."""

import re
from typing import Any

Json = dict[str, Any]
SERVED_PARTS = ("status", "scale")


def compared(value: Json) -> Json:
    """A document without what differs from run to run, is not ours to say, or is read by no client of the ladder."""
    if value.get("code") == 422 and value.get("details", {}).get("group", "").endswith("probe.test"):
        return _causes_in_order(value)
    if isinstance(value.get("columnDefinitions"), list):
        # Upstream's sentences about its columns are not ours to say.
        return value | {"columnDefinitions": [each | {"description": ""} for each in value["columnDefinitions"]]}
    if "paths" in value and "components" in value:
        return _without_sentences(_as_kubectl_reads(value))
    if any("openid" in name for name in value.get("paths") or ()):
        # Documents of paths that are no group and version, which nobody reads.
        return {"paths": {name: link for name, link in value["paths"].items() if re.match(r"(api|apis/[^/]+)/v\d", name)}}
    if isinstance(value.get("resources"), list) and ("freshness" in value or value.get("kind") == "APIResourceList"):
        # Custom resources are listed in the order of a map.
        return value | {"resources": sorted(_served(value["resources"]), key=lambda each: each.get("resource") or each["name"])}
    return value


def _without_sentences(value: Any) -> Any:
    """An OpenAPI document without upstream's descriptions, which are not ours to say."""
    if isinstance(value, dict):
        kept = {key: member for key, member in value.items() if key != "description" or not isinstance(member, str)}
        return {key: _without_sentences(member) for key, member in kept.items()}
    return [_without_sentences(each) for each in value] if isinstance(value, list) else value


def _as_kubectl_reads(document: Json) -> Json:
    """An OpenAPI document as far as kubectl reads it: which kind is patched at which path, with what, and its schema."""
    patched = {
        path: {
            "kind": one["patch"]["x-kubernetes-group-version-kind"],
            "takes": [each["name"] for each in one["patch"]["parameters"]],
        }
        for path, one in document["paths"].items()
        if "patch" in one and path.endswith("/{name}")
    }
    schemas, kinds = document["components"]["schemas"], [one["kind"] for one in patched.values()]
    found: Json = {}
    left = [
        name for name, one in schemas.items() if any(kind in kinds for kind in one.get("x-kubernetes-group-version-kind", ()))
    ]
    while left:
        name = left.pop()
        found[name] = schemas[name]
        left += [each for each in re.findall(r"#/components/schemas/([^']+)'", repr(schemas[name])) if each not in found]
    return {"openapi": document["openapi"], "patched": patched, "schemas": found}


def _served(resources: list[Json]) -> list[Json]:
    """Those of discovery but for the subresources that only a cluster with nodes and users needs, such as a Pod's log."""
    plain = [dict(each) for each in resources if each.get("name", "").partition("/")[2] in ("", *SERVED_PARTS)]
    for each in plain:
        if parts := [part for part in each.pop("subresources", ()) if part["subresource"] in SERVED_PARTS]:
            each["subresources"] = parts
    return plain


def _causes_in_order(status: Json) -> Json:
    """Causes in the order of their texts: of a custom resource upstream tells them in that of a map."""
    causes = status["details"]["causes"]
    texts = list(dict.fromkeys(f"{each['field']}: {each['message']}" for each in causes))
    told, ordered = (f"[{', '.join(each)}]" for each in (texts, sorted(texts)))
    details = status["details"] | {"causes": sorted(causes, key=lambda each: (each["field"], each["message"]))}
    return status | {"message": status["message"].replace(told, ordered), "details": details}
