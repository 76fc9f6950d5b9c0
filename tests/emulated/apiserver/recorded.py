"""The source cluster of a recorded pivot, as objects to put into an API server."""

import asyncio
import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import yaml

SHARED = Path(__file__).parents[4] / "shared"
RECORDING = Path(__file__).parents[2] / "recordings/b-good-pivot/watch.jsonl.xz"
BLOCK_MOVE = "clusterctl.cluster.x-k8s.io/block-move"
Body = dict[str, Any]


def rows() -> list[Body]:
    with lzma.open(RECORDING, "rt") as lines:
        found = [json.loads(line) for line in lines]
    return [row["object"] for row in found if row.get("type") == "LISTED" and row.get("cluster") == "source"]


def definitions(listed: list[Body]) -> list[Body]:
    """The CRDs of the recording: as published where we have them, else small ones that keep everything."""
    published = {path.stem.split("_")[1] + "." + path.stem.split("_")[0]: path for path in (SHARED / "crds").glob("*.yaml")}
    found = []
    for each in (each for each in listed if each["kind"] == "CustomResourceDefinition"):
        name = each["metadata"]["name"]
        body = yaml.safe_load(published[name].read_text()) if name in published else permissive(each["spec"])
        body["metadata"] = {"name": name, "labels": each["metadata"].get("labels") or {}}
        body["spec"]["conversion"] = {"strategy": "None"}
        body.pop("status", None)
        found.append(body)
    return found


def permissive(spec: Body) -> Body:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    status = {} if spec["names"]["kind"] == "Provider" else {"subresources": {"status": {}}}
    versions = [{**version, "schema": {"openAPIV3Schema": schema}, **status} for version in spec["versions"]]
    whole = {"scope": "Namespaced", **spec, "versions": versions}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": whole}


class Client:
    """Requests to one server, by kind."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url
        self.plurals: dict[str, str] = {"Secret": "secrets"}

    async def ask(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Body:
        data = None if body is None else json.dumps(body)
        async with self.session.request(method, self.url + path, data=data, headers={"Content-Type": content_type}) as response:
            text = await response.text()
            assert response.status < 400, f"{method} {path}: {text[:500]}"
            return json.loads(text)

    def path(self, body: Body) -> str:
        version = body["apiVersion"]
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        return f"{base}/namespaces/{body['metadata']['namespace']}/{self.plurals[body['kind']]}"


async def define(client: Client, listed: list[Body]) -> None:
    for each in definitions(listed):
        await client.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", each)
        client.plurals[each["spec"]["names"]["kind"]] = each["spec"]["names"]["plural"]


async def seed(client: Client, listed: list[Body], kinds: set[str] | None = None) -> int:
    """Create the recorded objects, owners first and under new uids, with their status; how many."""
    uids: dict[str, str] = {}
    waiting = [each for each in listed if each["kind"] in client.plurals and (kinds is None or each["kind"] in kinds)]
    for namespace in sorted({each["metadata"]["namespace"] for each in waiting}):
        await client.ask("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    there = {each["metadata"]["uid"] for each in waiting}
    while waiting:
        each = next(
            e for e in waiting if all(o["uid"] in uids or o["uid"] not in there for o in e["metadata"].get("ownerReferences", ()))
        )
        waiting.remove(each)
        await _create(client, each, uids)
    return len(uids)


async def _create(client: Client, each: Body, uids: dict[str, str]) -> None:
    kept = ("name", "namespace", "labels", "annotations", "finalizers", "ownerReferences")
    meta = {key: each["metadata"][key] for key in kept if key in each["metadata"]}
    meta["annotations"] = {key: value for key, value in meta.get("annotations", {}).items() if key != BLOCK_MOVE}
    meta["ownerReferences"] = [{**o, "uid": uids.get(o["uid"], o["uid"])} for o in meta.get("ownerReferences", ())]
    body = {key: value for key, value in each.items() if key not in {"status", "dataDigest"}} | {"metadata": meta}
    if each["kind"] == "Secret":
        body["stringData"] = {key: f"invented {key}" for key in each.get("dataDigest", {})}
    made = await client.ask("POST", f"{client.path(each)}?fieldManager=lab&fieldValidation=Ignore", body)
    uids[each["metadata"]["uid"]] = made["metadata"]["uid"]
    if each.get("status") and each["kind"] != "Provider":
        path = f"{client.path(each)}/{meta['name']}/status?fieldManager=lab-status"
        await client.ask("PATCH", path, {"status": each["status"]}, "application/merge-patch+json")


async def version(client: Client) -> str:
    return (await client.ask("GET", "/api/v1/namespaces"))["metadata"]["resourceVersion"]


async def counted(client: Client, kinds: dict[str, str], since: str) -> Counter[tuple[str, str]]:
    """All changes of these kinds since a version, by kind and type."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_events(client, kind, version, since)) for kind, version in kinds.items()]
    return Counter(event for task in tasks for event in task.result())


async def _events(client: Client, kind: str, group_version: str, since: str) -> list[tuple[str, str]]:
    base = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
    url = f"{client.url}{base}/{client.plurals[kind]}?watch=true&resourceVersion={since}&timeoutSeconds=1"
    async with client.session.get(url) as response:
        return [(kind, json.loads(line)["type"]) async for line in response.content]
