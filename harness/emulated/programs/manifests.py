"""A real provider's own manifests, made fit for one that is a plain process: its webhooks are at a URL, not behind a Service.

They may be one file, like `infrastructure-components.yaml`, or a directory, be it of rendered files or of what kustomize renders.
"""

import copy
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from harness.emulated.kube.client import Json
from harness.emulated.kube.resources import ResourceMapping
from harness.emulated.programs.webhooks import CONFIGURATIONS, GROUP, WebhookServer, conversion

DEFINITION = "CustomResourceDefinition"
ENDINGS = (".yaml", ".yml")
PROVIDERS = {"metal3.io": "bmo", "ipam.metal3.io": "ipam", "infrastructure.cluster.x-k8s.io": "capm3"}
"""API group -> the component whose kinds it has; every other is Cluster API's."""


class UnfitManifestsError(Exception):
    """What this lab consists of cannot be had by these definitions."""


class ComponentManifests:
    """What YAML says of definitions and webhooks; everything else in it, like Deployments and certificates, is left alone.

    `path` is a file, or a directory with files anywhere in it; `server` is the manager's, None where it serves no webhooks; `name` is
    the component, after which the webhook configurations are called, because all providers call theirs the same.
    """

    def __init__(self, path: Path, *, name: str, server: WebhookServer | None) -> None:
        """Read nothing yet."""
        self._path = path
        self._name = name
        self._server = server

    def definitions(self) -> list[Json]:
        """Its own kinds' CustomResourceDefinitions; those with several versions are converted by its webhook."""
        found = [document for document in self._documents(DEFINITION) if self._defines(document.get("spec") or {})]
        for definition in found:
            definition.get("metadata", {}).pop("creationTimestamp", None)
            definition.pop("status", None)
            definition["spec"].pop("conversion", None)
            if self._server and len(definition["spec"]["versions"]) > 1:
                definition["spec"]["conversion"] = conversion(self._server)
        return found

    def configurations(self) -> list[Json]:
        """Its webhook configurations. What kustomize would patch into one, like match conditions, is in it."""
        found: dict[tuple[str, str], dict[str, Json]] = {}
        for document in self._documents(*CONFIGURATIONS):
            hooks = found.setdefault((document["kind"], document["metadata"]["name"]), {})
            for hook in document.get("webhooks") or ():
                hooks[hook["name"]] = {**hooks.get(hook["name"], {}), **hook}
        return [self._fit(kind, name, hooks.values(), self._server) for (kind, name), hooks in found.items() if self._server]

    def _defines(self, spec: Json) -> bool:
        """Is this more than a patch, and of the component?"""
        return bool(spec.get("versions")) and PROVIDERS.get(spec.get("group", ""), "capi") == self._name

    def _fit(self, kind: str, name: str, hooks: Iterable[Json], server: WebhookServer) -> Json:
        fit = [{**hook, "clientConfig": server.client(path)} for hook in hooks if (path := _path(hook))]
        meta = {"name": f"{self._name}-{name}"}
        return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": meta, "webhooks": fit}

    def _documents(self, *kinds: str) -> Iterator[Json]:
        return (copy.deepcopy(document) for document in _read(self._path) if document["kind"] in kinds)


@functools.cache
def _read(path: Path) -> tuple[Json, ...]:
    """A megabyte of YAML: read once."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.suffix in ENDINGS)
    documents = (document for file in files for document in _parsed(file))
    return tuple(each for document in documents if isinstance(document, dict) for each in _items(document))


def _parsed(file: Path) -> Iterator[Any]:
    """By the C loader where there is one. What tells of nothing that is looked for may be no YAML at all, like templates."""
    text = file.read_text(encoding="utf-8", errors="replace")
    if not any(word in text for word in (DEFINITION, *CONFIGURATIONS)):
        return
    try:
        yield from yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise UnfitManifestsError(f"{file} is no YAML: {' '.join(str(error).split())}") from error


def _items(document: Json) -> Iterator[Json]:
    """Definitions and webhook configurations of a document, which may be a List of objects."""
    if document.get("kind") in (DEFINITION, *CONFIGURATIONS):
        yield document
    elif document.get("kind") == "List":
        for item in document.get("items") or ():
            yield from _items(item)


def _path(hook: Json) -> str:
    path: str = (hook.get("clientConfig") or {}).get("service", {}).get("path", "")
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


def check_versions(definitions: Iterable[Json], needed: Iterable[ResourceMapping]) -> None:
    """UnfitManifestsError where a kind of the lab is not served in the version in which the lab has it."""
    by_name = {definition["metadata"]["name"]: definition for definition in definitions}
    for resource in needed:
        name = f"{resource.plural}.{resource.group}"
        spec = by_name[name]["spec"]
        served = [version["name"] for version in spec["versions"] if version.get("served", True)]
        if resource.version not in served:
            raise UnfitManifestsError(
                f"the manifests have {name} in {', '.join(served)} only, and this lab's objects are {resource.version}: "
                "give the manifests (and the program) of a release that serves it"
            )
        stored = next((version["name"] for version in spec["versions"] if version.get("storage")), resource.version)
        # Objects are there before who converts them.
        if stored != resource.version:
            raise UnfitManifestsError(
                f"the manifests store {name} as {stored}, and this lab's objects are {resource.version}: "
                "give the manifests (and the program) of a release that stores it"
            )
