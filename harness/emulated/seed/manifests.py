"""A real provider's own manifests, made fit for one that is a plain process: its webhooks are at a URL, not behind a Service."""

import base64
import copy
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from harness.emulated.client import AlreadyExistsError, Client, Json, NotFoundError
from harness.emulated.resources import Resource

DEFINITION = "CustomResourceDefinition"
HOOKS = {
    kind: Resource("admissionregistration.k8s.io", "v1", f"{kind.lower()}s", kind, namespaced=False)
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
}
CONVERSION_PATH = "/convert"


class Manifests:
    """What the YAML files below a directory say of definitions and webhooks; everything else in them is left alone.

    `url` is where the provider's manager serves its webhooks, `authority` a file with the certificate to trust there, `name` what
    the webhook configurations are called after, because all providers call theirs the same.
    """

    def __init__(self, directory: Path, *, name: str, url: str, authority: Path) -> None:
        """Read nothing yet."""
        self._directory = directory
        self._name = name
        self._url = url
        self._authority = authority

    def definitions(self) -> list[Json]:
        """Its CustomResourceDefinitions; those with several versions are converted by its webhook."""
        found = [document for document in self._documents() if document["kind"] == DEFINITION]
        for definition in found:
            definition.get("metadata", {}).pop("creationTimestamp", None)
            definition.pop("status", None)
            definition["spec"].pop("conversion", None)
            if len(definition["spec"]["versions"]) > 1:
                webhook = {"clientConfig": self._client(CONVERSION_PATH), "conversionReviewVersions": ["v1"]}
                definition["spec"]["conversion"] = {"strategy": "Webhook", "webhook": webhook}
        return found

    async def install_webhooks(self, client: Client) -> None:
        """Have the API server call its webhooks."""
        for resource, configuration in self._webhooks():
            try:
                await client.create(resource, configuration)
            except AlreadyExistsError:
                continue

    async def remove_webhooks(self, client: Client) -> None:
        """Have the API server call them no more."""
        for resource, configuration in self._webhooks():
            try:
                await client.delete(resource, configuration["metadata"]["name"])
            except NotFoundError:
                continue

    def _webhooks(self) -> Iterator[tuple[Resource, Json]]:
        for document in self._documents():
            if document["kind"] in HOOKS:
                name = f"{self._name}-{document['metadata']['name']}"
                hooks = [{**hook, "clientConfig": self._client(_path(hook))} for hook in document.get("webhooks", [])]
                kind = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": document["kind"]}
                yield HOOKS[document["kind"]], {**kind, "metadata": {"name": name}, "webhooks": hooks}

    def _client(self, path: str) -> Json:
        return {"url": self._url + path, "caBundle": base64.b64encode(self._authority.read_bytes()).decode()}

    def _documents(self) -> Iterator[Json]:
        return (copy.deepcopy(document) for document in _read(self._directory))


@functools.cache
def _read(directory: Path) -> tuple[Json, ...]:
    """A megabyte of YAML: read once, and by the C loader where there is one."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    texts = (path.read_text() for path in sorted(directory.rglob("*.yaml")))
    documents = (document for text in texts for document in yaml.load_all(text, Loader=loader))
    return tuple(
        document for document in documents if isinstance(document, dict) and document.get("kind") in (DEFINITION, *HOOKS)
    )


def _path(hook: Json) -> str:
    path: str = hook["clientConfig"].get("service", {}).get("path", "")
    return path


def merged(ours: Iterable[Json], theirs: Iterable[Json]) -> list[Json]:
    """The definitions of both: theirs stands for ours of the same name, and keeps our labels, which are what a pivot needs."""
    by_name = {definition["metadata"]["name"]: definition for definition in ours}
    for definition in theirs:
        name = definition["metadata"]["name"]
        known = by_name.get(name, {}).get("metadata", {})
        metadata = definition["metadata"]
        labels = {**(metadata.get("labels") or {}), **known.get("labels", {})}
        annotations = {**(metadata.get("annotations") or {}), **known.get("annotations", {})}
        by_name[name] = {**definition, "metadata": {**metadata, "labels": labels, "annotations": annotations}}
    return list(by_name.values())
