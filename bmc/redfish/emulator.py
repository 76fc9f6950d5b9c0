"""An emulated BMC: a Redfish service over a Machine, as sushy and Ironic expect one.

It has what sushy-emulator lacks: sessions, ETags, reset witnesses (`LastResetTime`, `BootProgress`, a reset counter under `Oem`),
power that takes the time it is told, and a log of every request, readable over Redfish (`Managers/{id}/LogServices/Requests`).
"""

from collections.abc import Iterable, Mapping

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bmc.machine import Machine
from bmc.redfish.service import paths
from bmc.redfish.service.actions import Actions
from bmc.redfish.service.documents import Documents
from bmc.redfish.service.errors import unauthorized
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.power import PowerSequence
from bmc.redfish.service.recording import recorder
from bmc.redfish.service.sessions import Sessions
from bmc.redfish.wire import ROOT

_PUBLIC = {
    "/redfish": ("GET",),
    ROOT: ("GET",),
    f"{ROOT}/odata": ("GET",),
    paths.SESSIONS: ("POST",),
    f"{paths.SESSIONS}/Members": ("POST",),
}


def redfish_app(
    machine: Machine,
    *,
    system_id: str,
    credentials: Mapping[str, str],
    power_seconds: float,
    middlewares: Iterable[Middleware] = (),
) -> web.Application:
    """The BMC of `machine`, to be served by aiohttp on a port of its own.

    `credentials` (user -> password) is read at every request, so changing the mapping changes the passwords at once.
    `power_seconds`: how long each power action takes after it was asked for; 0: done before the answer.
    `middlewares` stand outside: what they refuse never reached this BMC and is not in its log.
    """
    sessions = Sessions(credentials)
    where = Paths(system_id)
    documents = Documents(machine, where, sessions)
    power = PowerSequence(machine, power_seconds)
    actions = Actions(machine, where, documents=documents, sessions=sessions, power=power)
    app = web.Application(middlewares=[*middlewares, recorder(machine, sessions), _guard(sessions)])
    app.add_routes(actions.routes())
    app.router.add_route("*", "/{path:.*}", documents.answer)
    app.cleanup_ctx.append(power.lifespan)
    return app


def _guard(sessions: Sessions) -> Middleware:
    """A middleware that lets nobody in without credentials, but to the public resources (DSP0266 §13.2)."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        public = request.method in _PUBLIC.get(request.path.rstrip("/"), ())
        if not public and not sessions.user_of(request)[1]:
            return unauthorized()
        return await handler(request)

    return guard
