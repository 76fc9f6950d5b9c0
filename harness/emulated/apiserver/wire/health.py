"""`/healthz`, `/livez` and `/readyz`: always healthy."""

from aiohttp import web

PATHS = ("/healthz", "/livez", "/readyz")


def answer(path: str) -> web.Response | None:
    """The answer of a path of health; None for any other."""
    return web.Response(text="ok", headers={"X-Content-Type-Options": "nosniff"}) if path in PATHS else None
