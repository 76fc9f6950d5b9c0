"""OpenAPI."""

from aiohttp import web

from harness.emulated.apiserver.errors import path_not_found
from harness.emulated.apiserver.kinds import Registry


class OpenApi:
    """OpenAPI."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def answer(self, request: web.Request, path: str) -> web.Response:
        """Answer."""
        raise path_not_found()
