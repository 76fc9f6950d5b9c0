"""A manager's webhook server: what it serves, and how an API server is told to call it.

controller-runtime serves the webhooks of a kind at a path that follows from the kind's name. So the paths that a manager serves
decide which webhooks are registered, also if its manifests are missing or describe other managers' webhooks.
"""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp

from harness.emulated.kube.client import AlreadyExistsError, Client, Json
from harness.emulated.kube.resources import CRDS, ResourceMapping

GROUP = "admissionregistration.k8s.io"
VALIDATING = "ValidatingWebhookConfiguration"
MUTATING = "MutatingWebhookConfiguration"
CONFIGURATIONS = {
    kind: ResourceMapping(GROUP, "v1", f"{kind.lower()}s", kind, namespaced=False) for kind in (MUTATING, VALIDATING)
}
VERBS = {MUTATING: "mutate", VALIDATING: "validate"}
CONVERSION_PATH = "/convert"
ANSWER_SECONDS = 5.0


class WebhookServer(NamedTuple):
    """Where it is (a URL), and a file with the certificate to trust there."""

    url: str
    authority: Path

    def client(self, path: str) -> Json:
        """The `clientConfig` of a webhook at this path."""
        return {"url": self.url + path, "caBundle": base64.b64encode(self.authority.read_bytes()).decode()}

    @asynccontextmanager
    async def asked(self) -> AsyncIterator["WebhookPathProbe"]:
        """To be asked what it serves; aiohttp.ClientError where it does not listen (yet)."""
        trust = await asyncio.to_thread(ssl.create_default_context, cafile=str(self.authority))
        limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=limit, connector=aiohttp.TCPConnector(ssl=trust)) as session:
            yield WebhookPathProbe(session, self.url)


class WebhookPathProbe:
    """Answers whether a path is served; one that is not is 404."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def serves(self, path: str) -> bool:
        """Does anything answer there?"""
        async with self._session.get(self._url + path) as answer:
            return answer.status != 404


async def install(client: Client, name: str, server: WebhookServer, configurations: Iterable[Json]) -> None:
    """Have the API server call the webhooks that are served: those of the configurations, and where there are none, all.

    `name` is what they are called after. aiohttp.ClientError and StatusError where a server does not answer; it may be done again.
    """
    async with server.asked() as asked:
        told = [await _served(each, asked) for each in configurations] or await _found(client, name, server, asked)
    for configuration in told:
        if configuration["webhooks"]:
            try:
                await client.create(CONFIGURATIONS[configuration["kind"]], configuration)
            except AlreadyExistsError:
                continue


async def _served(configuration: Json, asked: WebhookPathProbe) -> Json:
    hooks = [hook for hook in configuration["webhooks"] if await asked.serves(_path(hook))]
    return {**configuration, "webhooks": hooks}


def _path(hook: Json) -> str:
    return "/" + str(hook["clientConfig"]["url"]).split("/", 3)[3]


async def _found(client: Client, name: str, server: WebhookServer, asked: WebhookPathProbe) -> list[Json]:
    """One configuration of each kind, with all webhooks that the manager serves; its kinds' versions are converted by it."""
    hooks: dict[str, list[Json]] = {kind: [] for kind in CONFIGURATIONS}
    for definition in (await client.list_all(CRDS))["items"]:
        found = [
            (kind, _hook(definition, version, server.client(path), verb))
            for version in _versions(definition)
            for kind, verb in VERBS.items()
            if await asked.serves(path := _path_of(definition, version, verb))
        ]
        for kind, hook in found:
            hooks[kind].append(hook)
        if found and len(_versions(definition)) > 1 and await asked.serves(CONVERSION_PATH):
            await client.merge_patch(CRDS, definition, {"spec": {"conversion": conversion(server)}})
            await _list(client, definition)
    return [_configuration(kind, name, each) for kind, each in hooks.items()]


async def _list(client: Client, definition: Json) -> None:
    """List a kind in every version: after its definition changed, a real server briefly answers 429."""
    spec = definition["spec"]
    for version in _versions(definition):
        await client.list_all(ResourceMapping(spec["group"], version, spec["names"]["plural"], spec["names"]["kind"]))


def _versions(definition: Json) -> list[str]:
    return [version["name"] for version in definition["spec"]["versions"]]


def _path_of(definition: Json, version: str, verb: str) -> str:
    spec = definition["spec"]
    return f"/{verb}-{spec['group'].replace('.', '-')}-{version}-{spec['names']['kind'].lower()}"


def _hook(definition: Json, version: str, client: Json, verb: str) -> Json:
    spec = definition["spec"]
    return {
        "name": f"{verb}-{version}.{spec['names']['singular']}.{spec['group']}",
        "clientConfig": client,
        "rules": [
            {
                "apiGroups": [spec["group"]],
                "apiVersions": [version],
                "operations": ["CREATE", "UPDATE"],
                "resources": [spec["names"]["plural"]],
            }
        ],
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "sideEffects": "None",
    }


def _configuration(kind: str, name: str, hooks: list[Json]) -> Json:
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": {"name": name}, "webhooks": hooks}


def conversion(server: WebhookServer) -> Json:
    """The `spec.conversion` of a definition whose versions the manager converts."""
    webhook = {"clientConfig": server.client(CONVERSION_PATH), "conversionReviewVersions": ["v1"]}
    return {"strategy": "Webhook", "webhook": webhook}
