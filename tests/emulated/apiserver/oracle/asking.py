"""Probes: short sequences of requests, and what of the answers must be equal on every API server."""

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from tests.emulated.apiserver.oracle.settling import settled_body, settled_headers

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
MERGE, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
PARTIALS = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
WAIT_SECONDS, AGAIN_SECONDS = 20.0, 0.1
NO_ANSWER, AT_ONCE = 0, 16
Answer = dict[str, Any]


@dataclass(frozen=True)
class Server:
    session: aiohttp.ClientSession
    url: str
    token: str


@dataclass(frozen=True)
class Step:
    """One request.

    `<ns>` in it stands for the probe's own namespace, `<name>` for what an earlier step saved from its answer: `saves` is
    {name: dotted path}. `until` ({dotted path: value, None: absent}) asks again until the answer is so; `quiet` keeps the answer
    out of the comparison.
    """

    method: str
    path: str
    body: Any = None
    type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    saves: dict[str, str] = field(default_factory=dict)
    until: dict[str, Any] = field(default_factory=dict)
    quiet: bool = False
    token: str | None = None


@dataclass(frozen=True)
class Probe:
    """What is asked, and which client of the ladder asks it so (`clients.py`)."""

    name: str
    client: str
    steps: tuple[Step, ...]


def probe(name: str, client: str, *steps: Step) -> Probe:
    return Probe(name, client, steps)


def get(path: str, accept: str = "", **more: Any) -> Step:
    return Step("GET", path, headers={"Accept": accept} if accept else {}, **more)


def post(path: str, body: Any, **more: Any) -> Step:
    return Step("POST", path, body, **more)


def put(path: str, body: Any, **more: Any) -> Step:
    return Step("PUT", path, body, **more)


def patch(path: str, body: Any, kind: str = MERGE, **more: Any) -> Step:
    return Step("PATCH", path, body, kind, **more)


def delete(path: str, body: Any = None, **more: Any) -> Step:
    return Step("DELETE", path, body, **more)


def quietly(step: Step) -> Step:
    return replace(step, quiet=True)


def gone(path: str) -> Step:
    return Step("GET", path, until={"code": 404})


async def ask(server: Server, one: Probe) -> list[Answer]:
    """The answers of a server to one probe, without what differs from run to run."""
    known = {"ns": f"probe-{sha256(one.name.encode()).hexdigest()[:10]}"}
    answers = []
    if any("<ns>" in f"{step.path}{step.body}" for step in one.steps):
        made = await _request(server, Step("POST", "/api/v1/namespaces", {"metadata": {"name": known["ns"]}}), known)
        assert made[0] == 201, made
    for step in one.steps:
        code, headers, body = await _answered(server, step, known)
        decoded = _decoded(body)
        known |= {name: str(_at(decoded, path)) for name, path in step.saves.items()}
        if not step.quiet:
            answers.append({"code": code, "headers": settled_headers(headers), "body": settled_body(headers, body, known["ns"])})
    return answers


async def _answered(server: Server, step: Step, known: dict[str, str]) -> tuple[int, Any, bytes]:
    """Ask until the answer is as the step wants it; after a while the answer is what it is, with a mark that it never was so."""
    end = asyncio.get_running_loop().time() + WAIT_SECONDS
    answer = await _request(server, step, known)
    while not _is_so(answer, step.until):
        if asyncio.get_running_loop().time() > end:
            return NO_ANSWER, CIMultiDict(Warning=f"never {step.until}"), answer[2]
        await asyncio.sleep(AGAIN_SECONDS)
        answer = await _request(server, step, known)
    return answer


def _is_so(answer: tuple[int, Any, bytes], wanted: dict[str, Any]) -> bool:
    body = _decoded(answer[2])
    return all(_at(body, path) == value or (path == "code" and answer[0] == value) for path, value in wanted.items())


async def _request(server: Server, step: Step, known: dict[str, str]) -> tuple[int, Any, bytes]:
    data = step.body
    if data is not None and not isinstance(data, str | bytes):
        data = json.dumps(data)
    headers = {"User-Agent": "probe/1", "Authorization": f"Bearer {server.token if step.token is None else step.token}"}
    if data is not None:
        headers["Content-Type"] = step.type
        data = data if isinstance(data, bytes) else _filled(data, known)
    headers |= {name: _filled(value, known) for name, value in step.headers.items()}
    if step.token == "":
        del headers["Authorization"]
    url = server.url + _filled(step.path, known)
    wait = aiohttp.ClientTimeout(total=WAIT_SECONDS)
    options: Any = {"data": data, "headers": headers, "timeout": wait, "allow_redirects": False}
    try:
        async with server.session.request(step.method, URL(url, encoded=True), **options) as response:
            return response.status, response.headers, await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        return NO_ANSWER, CIMultiDict(), type(error).__name__.encode()


def _filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"<(\w+)>", lambda found: known.get(found[1], found[0]), text)


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _at(body: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(body, list):
            body = body[int(step)] if int(step) < len(body) else None
        else:
            body = body.get(step.replace("|", ".")) if isinstance(body, dict) else None
    return body


async def set_up(server: Server, steps: Iterable[Step]) -> None:
    for step in steps:
        code, _, body = await _answered(server, step, {})
        assert code < 400, body


async def ask_in_turn(server: Server, probes: Iterable[Probe]) -> dict[str, list[Answer]]:
    return {one.name: await ask(server, one) for one in probes}


async def ask_together(server: Server, probes: Iterable[Probe]) -> dict[str, list[Answer]]:
    """All at once, for probes that keep to namespaces and names of their own."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def in_a_slot(one: Probe) -> list[Answer]:
        async with slots:
            return await ask(server, one)

    async with asyncio.TaskGroup() as group:
        tasks = {one.name: group.create_task(in_a_slot(one)) for one in probes}
    return {name: task.result() for name, task in tasks.items()}
