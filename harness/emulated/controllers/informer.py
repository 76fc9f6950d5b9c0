"""A watched, cached list of one kind, as client-go's informers keep it: list, watch, resume; list again after a 410."""

import asyncio
import logging
from collections.abc import Callable, Iterator

import aiohttp

from harness.emulated.kube.client import Client, GoneError, Json, StatusError
from harness.emulated.kube.resources import ResourceMapping

RETRY_SECONDS = 1.0

NamespacedName = tuple[str, str]
"""Namespace ("" when cluster-wide) and name."""
ChangeHandler = Callable[[Json | None, Json | None], None]
"""Called with the object before (None: added) and after (None: deleted)."""

log = logging.getLogger(__name__)


def key_of(obj: Json) -> NamespacedName:
    """The object's key in caches and queues."""
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


class Informer:
    """The cache of one kind. What it returns belongs to the cache: copy before changing it."""

    def __init__(self, client: Client, resource: ResourceMapping, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self.resource = resource
        self.synced = asyncio.Event()
        self._client = client
        self._cache: dict[NamespacedName, Json] = {}
        self._handlers: list[ChangeHandler] = []
        self._retry_seconds = retry_seconds
        self._seen = 0
        self._awaited: dict[NamespacedName, list[asyncio.Future[None]]] = {}

    def on_change(self, handler: ChangeHandler) -> None:
        """Have `handler` called for every change, and for every object of the first list."""
        self._handlers.append(handler)

    def get(self, key: NamespacedName) -> Json | None:
        """The object as last seen, or None."""
        return self._cache.get(key)

    def items(self, namespace: str | None = None) -> Iterator[Json]:
        """All objects seen, by name; of one namespace if given."""
        for key in sorted(self._cache):
            if namespace is None or key[0] == namespace:
                yield self._cache[key]

    def learn(self, written: Json) -> Json:
        """Store the result of our own write in the cache, so that the next read sees it; returns it."""
        if int(_version(written)) > self._seen:
            self._set(key_of(written), written, written)
        return written

    async def change_of(self, key: NamespacedName, limit_seconds: float) -> None:
        """Return as soon as the object changes or goes, or after the limit."""
        future = asyncio.get_running_loop().create_future()
        self._awaited.setdefault(key, []).append(future)
        await asyncio.wait({future}, timeout=limit_seconds)
        future.cancel()

    async def run(self) -> None:
        """Keep the cache true until cancelled; a server that is away is asked again and again."""
        version = ""
        while True:
            try:
                version = version or await self._list()
                async for type_, obj in self._client.watch(self.resource, resource_version=version):
                    version = _version(obj)
                    self._seen = int(version)
                    if type_ != "BOOKMARK":
                        self._set(key_of(obj), None if type_ == "DELETED" else obj, obj)
            except GoneError:
                version = ""
            except (StatusError, aiohttp.ClientError, TimeoutError, OSError) as error:
                log.info("watch of %s broke: %s", self.resource.plural, error or type(error).__name__)
                await asyncio.sleep(self._retry_seconds)

    async def _list(self) -> str:
        listed = await self._client.list_all(self.resource)
        found = {key_of(item): item for item in listed["items"]}
        for key in [key for key in self._cache if key not in found]:
            self._set(key, None, None)
        for key, item in found.items():
            item.setdefault("kind", self.resource.kind)
            item.setdefault("apiVersion", self.resource.api_version)
            self._set(key, item, item)
        self.synced.set()
        version: str = listed["metadata"]["resourceVersion"]
        self._seen = int(version)
        return version

    def _set(self, key: NamespacedName, obj: Json | None, last: Json | None) -> None:
        before = self._cache.get(key)
        if obj is not None and before is not None and int(_version(before)) >= int(_version(obj)):
            return
        if obj is None:
            self._cache.pop(key, None)
        else:
            self._cache[key] = obj
        for future in self._awaited.pop(key, ()):
            if not future.done():
                future.set_result(None)
        for handler in self._handlers:
            handler(before or (last if obj is None else None), obj)


def _version(obj: Json) -> str:
    version: str = obj["metadata"]["resourceVersion"]
    return version
