"""How an API server, or whatever stands before it, can misbehave: refusing a request, or breaking a watch after some events."""

import asyncio
import json

from aiohttp import web

HTML = "<html>\n<body>\n<h1>Service Unavailable</h1>\n</body>\n</html>\n"


def line(kind, body):
    return json.dumps({"type": kind, "object": body}).encode() + b"\n"


def gone():
    return {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}


def status(code, reason, message, **headers):
    body = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}
    return web.json_response(body, status=code, headers=headers)


async def _html(request):
    return web.Response(status=503, text=HTML, content_type="text/html")


async def _too_many(request):
    return status(429, "TooManyRequests", "slow down", **{"Retry-After": "0"})


async def _wait(request):
    return status(429, "TooManyRequests", "slow down", **{"Retry-After": "1"})


async def _forbidden(_request):
    return status(403, "Forbidden", "this user may not list that")


async def _not_found(request):
    return web.Response(status=404, text="no such host here")


async def _gone(request):
    return status(410, "Expired", "too old resource version")


async def _abort(request):
    request.transport.abort()
    return web.Response()


async def _silence(request):
    await asyncio.Event().wait()


async def _empty(request):
    return web.Response(text="")


async def _break_abort(server, request, response, change):
    request.transport.abort()


async def _break_end(server, request, response, change):
    pass


async def _break_truncate(server, request, response, change):
    text = line(change.type, change.body)
    await response.write(text[: len(text) // 2])


async def _break_truncate_abort(server, request, response, change):
    await _break_truncate(server, request, response, change)
    request.transport.abort()


async def _break_gone(server, request, response, change):
    server.compact()
    await response.write(line("ERROR", gone()))


async def _break_forgotten(server, request, response, change):
    server.compact()
    request.transport.abort()


async def _break_error(server, request, response, change):
    await response.write(line("ERROR", {"kind": "Status", "code": 500, "message": "etcdserver: leader changed"}))


async def _break_silence(server, request, response, change):
    await asyncio.Event().wait()


async def _break_garbage(server, request, response, change):
    await response.write(b"upstream connect error or disconnect\n")


async def _break_repeat(server, request, response, change):
    history = next(history for history in server.history.values() if change in history)
    for old in [one for one in history if one.version < change.version][-5:]:
        await response.write(line(old.type, old.body))


REFUSALS = {"html": _html, "429": _too_many, "410": _gone, "refused": _abort, "silence": _silence, "empty": _empty}
MORE_REFUSALS = {"wait": _wait, "404": _not_found, "403": _forbidden}
BREAKS = {
    "cut": _break_abort,
    "end": _break_end,
    "truncated": _break_truncate,
    "truncated-cut": _break_truncate_abort,
    "gone": _break_gone,
    "forgotten": _break_forgotten,
    "error": _break_error,
    "half-open": _break_silence,
    "garbage": _break_garbage,
    "repeated": _break_repeat,
}
