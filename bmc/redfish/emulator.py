"""An emulated BMC: a Redfish service over a Machine, as sushy and Ironic expect one.

It has what sushy-emulator lacks: sessions, ETags, events, logs, tasks, the reset witnesses of the vendors' families with their lies
(see bmc.redfish.personality), power that takes the time it is told, and a log of every request.
"""

from collections.abc import Iterable, Mapping

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bmc.machine import Machine
from bmc.redfish.history import History
from bmc.redfish.personality import emulated
from bmc.redfish.service import paths
from bmc.redfish.service.accounts import Accounts
from bmc.redfish.service.errors import unauthorized
from bmc.redfish.service.events.events import EventServiceResources
from bmc.redfish.service.front import RequestRouter
from bmc.redfish.service.logs.hardware_log import HardwareLog
from bmc.redfish.service.logs.recording import is_known, recorder
from bmc.redfish.service.logs.services import Logs
from bmc.redfish.service.manager import ManagerResources
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.resources import Fixed
from bmc.redfish.service.root import root
from bmc.redfish.service.sessions import SessionStore
from bmc.redfish.service.system.bios import Bios
from bmc.redfish.service.system.media import Media
from bmc.redfish.service.system.power import PowerSequence
from bmc.redfish.service.system.processors import processors
from bmc.redfish.service.system.system import System
from bmc.redfish.service.tasks import Tasks
from bmc.redfish.vendor import Personality
from bmc.redfish.wire import ROOT

DELIVERY_RETRY_SECONDS = 30.0

_PUBLIC = {
    "/redfish": ("GET",),
    ROOT: ("GET", "HEAD"),
    f"{ROOT}/odata": ("GET",),
    paths.METADATA: ("GET",),
    paths.SESSIONS: ("POST",),
    f"{paths.SESSIONS}/Members": ("POST",),
}


def redfish_app(  # noqa: PLR0913 - all by name, each one thing that whoever sets up a BMC decides
    machine: Machine,
    *,
    credentials: Mapping[str, str],
    system_id: str = "",
    power_seconds: float = 0.0,
    off_seconds: float = 0.0,
    personality: Personality = emulated.PERSONALITY,
    delivery_retry_seconds: float = DELIVERY_RETRY_SECONDS,
    middlewares: Iterable[Middleware] = (),
) -> web.Application:
    """The BMC of `machine`, to be served by aiohttp on a port of its own.

    `credentials` (user -> password) is read at every request, so changing the mapping changes the passwords at once.
    `system_id`: the System's id, by default the personality's own, or the machine's UUID.
    `power_seconds`: how long each power action takes after it was asked for; 0: done before the answer. `off_seconds`: how long a
    restart shows Off; 0: power never shows it, as with most real servers.
    `delivery_retry_seconds`: how long a push delivery waits before it tries again.
    `middlewares` stand outside: what they refuse never reached this BMC and is not in its log.
    """
    sessions = SessionStore(credentials, machine.clock, limit=personality.session_limit, idle_seconds=personality.session_seconds)
    where = Paths(system_id or personality.system_id or machine.uuid, personality)
    power = PowerSequence(machine, power_seconds, off_seconds)
    events = EventServiceResources(machine, where, personality, retry_seconds=delivery_retry_seconds)
    front = _front(machine, where, personality, sessions=sessions, power=power, events=events)
    app = web.Application(middlewares=[*middlewares, recorder(machine, sessions), _guard])
    app.router.add_route("*", "/{path:.*}", front.answer)
    app.cleanup_ctx.append(power.lifespan)
    app.cleanup_ctx.append(events.lifespan)
    app.on_shutdown.append(events.shut_down)
    return app


def _front(  # noqa: PLR0913 - the parts of one service
    machine: Machine,
    where: Paths,
    personality: Personality,
    *,
    sessions: SessionStore,
    power: PowerSequence,
    events: EventServiceResources,
) -> RequestRouter:
    """All parts of the service."""
    tasks = Tasks(machine.clock)

    def forget() -> None:
        for each in (sessions, tasks, events):
            each.clear()

    system = System(History(machine), where, personality, power=power, tasks=tasks)
    ordinary = Fixed(
        {
            **system.resources(),
            **processors(where),
            **(Bios(machine, where).resources() if personality.has_bios else {}),
            **Media(machine, where).resources(),
            **ManagerResources(machine, where, personality, forget).resources(),
        }
    )
    logs = Logs(machine, where, personality, HardwareLog(machine, personality.log_tells))
    return RequestRouter((ordinary, root(machine, personality), logs, Accounts(sessions), events, tasks))


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets nobody in without credentials, but to the public resources (DSP0266 §13.2)."""
    if not is_known(request) and request.method not in _PUBLIC.get(request.path.rstrip("/"), ()):
        return unauthorized()
    return await handler(request)
