"""A window's BMC over Redfish: the emulated one with a personality, and weather before it."""
# ruff: noqa: INP001 - part of a script

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler

from benchmarks.detection.bmcs.server import DARK, SimulatedServer, by_itself, timing
from benchmarks.detection.clock import Stage
from benchmarks.detection.story import Disturbance, Reset, Window
from bmc.model import Credentials
from bmc.recorder.recorder import FlightRecorder
from bmc.recorder.settings import BmcSettings, RecorderSettings
from bmc.redfish.emulator import redfish_app
from bmc.redfish.history import History
from bmc.redfish.observe import DEADLINE_SECONDS, RedfishObserver
from bmc.redfish.personality import PERSONALITIES
from bmc.redfish.vendor import Body, Personality

USER = "admin"
AGENT = "curl/8.14.1"
SENTINEL = "1970-01-01T00:00:00+00:00"
SLOW_SECONDS = 2.5
COLD_TIMES = frozenset({"openbmc", "ami"})
REDATED = frozenset({"openbmc"})
"""Whose BMC dates its server's last reset anew when it starts itself."""

_EMULATED = PERSONALITIES["emulated"]
_OWN = {
    "logged": replace(_EMULATED, name="logged", marks=lambda _history: {}),
    "recorded": replace(_EMULATED, name="recorded", marks=lambda _history: {}, keeps_requests=False),
    "bare": replace(_EMULATED, name="bare", marks=lambda _history: {}, keeps_requests=False),
}


class RedfishSubject:
    """The server, its BMC, and its observer."""

    def __init__(self, server: SimulatedServer, window: Window, url: str, personality: Personality) -> None:
        self.server = server
        self.personality = personality
        self.reset = window.reset
        self.warm_before = window.number % 2 == 1
        self.url = url
        self._login = login(window)
        self.observer = RedfishObserver(f"redfish+{url}", self._login)

    @property
    def deaf(self) -> bool:
        """Will nobody ever answer? Here the weather waits itself."""
        return False

    async def ask(self, *, again: bool = False) -> None:
        """Somebody asks the BMC for the window's reset; `again`: to power on, where it takes a second request."""
        reset_type = "On" if again else reset_type_of(self.reset, self.personality.reset_types)
        url = f"{self.url}/Actions/ComputerSystem.Reset"
        somebody = {"Authorization": aiohttp.encode_basic_auth(USER, self._login.password), "User-Agent": AGENT}
        async with (
            aiohttp.ClientSession(headers=somebody) as client,
            client.post(url, json={"ResetType": reset_type}) as response,
        ):
            response.raise_for_status()

    @property
    def asks_twice(self) -> bool:
        """Does this reset take two requests?"""
        return reset_type_of(self.reset, self.personality.reset_types) in ("ForceOff", "GracefulShutdown")

    async def happen(self, *, ends: bool = False) -> None:
        """The window's reset happens without a request."""
        if self.reset:
            by_itself(self.server.machine, self.reset, ends=ends)

    async def boot(self) -> None:
        """The server is reset, before anybody looks."""
        self.server.machine.reset("ForceRestart" if self.warm_before else "PowerCycle")

    async def begin_window(self) -> None:
        """The window begins now."""
        self.server.began_at = self.server.stage.now()

    async def follow(self, now: float) -> None:
        """The BMC's time is ours."""

    async def begin(self, trouble: Disturbance) -> None:
        """A trouble begins; what lasts is in the weather."""
        if trouble.kind == "log cleared":
            self.server.machine.requests.clear()

    async def end(self, trouble: Disturbance) -> None:
        """A trouble ends."""
        if "reboot" in trouble.kind:
            self.server.machine.restart_manager()
        if "counters lost" in trouble.kind:
            self.server.lose_counters()

    async def tidy(self) -> list[tuple[float, str, bool]]:
        """The changes of power."""
        return self.server.changes


def login(window: Window) -> Credentials:
    """Each window's own, for a port comes again, and a BMC that refused is remembered by its port and these."""
    return Credentials(USER, f"password {window.seed}")


def reset_type_of(reset: Reset | None, offered: tuple[str, ...]) -> str:
    """How this reset is asked of a BMC that offers these."""
    kind = reset.kind if reset else "forced"
    wanted = {"graceful": "GracefulRestart", "cycle": "PowerCycle"}.get(kind, "ForceRestart")
    if wanted in offered:
        return wanted
    return "GracefulShutdown" if kind == "graceful" else "ForceOff"


@asynccontextmanager
async def redfish(stage: Stage, window: Window) -> AsyncIterator[RedfishSubject]:
    """A BMC while the block runs."""
    server = SimulatedServer(stage, window.disturbances)
    if window.media_inserted:
        server.machine.insert("Cd", "http://images.example/inspector.iso")
    known = _OWN.get(window.subject.name) or PERSONALITIES[window.subject.name]
    personality = replace(known, marks=_Marks(server, known))
    system = f"/redfish/v1/Systems/{personality.system_id or server.machine.uuid}"
    power_seconds, off_seconds = timing(window.reset)
    if window.reset and reset_type_of(window.reset, personality.reset_types) in ("ForceOff", "GracefulShutdown"):
        power_seconds = off_seconds = 0.0
    app = redfish_app(
        server.machine,
        credentials={USER: login(window).password},
        personality=personality,
        power_seconds=power_seconds,
        off_seconds=off_seconds,
        middlewares=[_Weather(server, system).middleware],
    )
    stack = AsyncExitStack()
    try:
        base = await _served(stack, app)
        if window.subject.record == "recorder":
            base = await _recorded(stack, base)
        subject = RedfishSubject(server, window, f"{base}{system}", personality)
        stack.push_async_callback(subject.observer.close)
        yield subject
    finally:
        # Whoever still waits for the BMC is waited for, so time must pass.
        await stage.play(stack.aclose(), deaf=True)


async def _served(stack: AsyncExitStack, app: web.Application) -> str:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


async def _recorded(stack: AsyncExitStack, base: str) -> str:
    """The flight recorder before the BMC."""
    directory = stack.enter_context(TemporaryDirectory())
    settings = RecorderSettings((BmcSettings("127.0.0.1:0", base),), f"{directory}/requests.jsonl")
    recorder = await stack.enter_async_context(FlightRecorder(settings))
    (listener,) = recorder.listeners.values()
    return f"http://{listener.place}"


class _Marks:
    """A personality's marks, as a BMC shows them that has been through something."""

    def __init__(self, server: SimulatedServer, personality: Personality) -> None:
        self._server = server
        self._personality = personality

    def __call__(self, history: History) -> Body:
        server, marks = self._server, self._personality.marks(history)
        stamped = server.changed_at(cold=self._personality.name in COLD_TIMES) - server.began_at
        if self._personality.name in REDATED:
            stamped = max([stamped, *server.restarts()])
        moved = sum(each.jump_seconds for each in server.happened() if "times moved" in each.kind and each.at > stamped)
        told = marks.get("LastResetTime", "")
        wavers = int(server.elapsed()) % 2 if "times waver" in server.suffers() else 0
        if told and not told.startswith("0000") and (moved or wavers):
            marks["LastResetTime"] = (datetime.fromisoformat(told) + timedelta(seconds=moved - wavers)).isoformat()
        lenovo = marks.get("Oem", {}).get("Lenovo")
        if lenovo:
            lenovo["NumberOfReboots"] = server.boots
        return marks | self._forgotten(marks) if server.wakes() else marks

    def _forgotten(self, marks: Body) -> Body:
        """What a BMC says that has just begun to run."""
        shown = "Off" if self._personality.name in REDATED else None
        return {"PowerState": shown, "Boot": None} | ({"LastResetTime": SENTINEL} if "LastResetTime" in marks else {})


class _Weather:
    """What stands between a BMC and its askers."""

    def __init__(self, server: SimulatedServer, system: str) -> None:
        self._server = server
        self._system = system
        self._lost = 0

    @property
    def middleware(self) -> Any:
        """For aiohttp."""

        @web.middleware
        async def blow(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.method != "GET":
                return await handler(request)
            suffers = self._server.suffers()
            if suffers & DARK:
                await self._server.stage.wait(min(self._server.dark_seconds(), DEADLINE_SECONDS + 1.0))
                return _cut(request)
            if "slow answers" in suffers:
                await self._server.stage.wait(SLOW_SECONDS)
            if self._loses_sessions():
                return _cut(request)
            status = self._refusal(suffers, request.path)
            return web.json_response({}, status=status) if status else await handler(request)

        return blow

    def _loses_sessions(self) -> bool:
        """Once each time."""
        lost = sum(each.kind == "sessions lost" for each in self._server.happened())
        before, self._lost = self._lost, lost
        return lost > before

    def _refusal(self, suffers: set[str], path: str) -> int:
        """The status that a GET is answered with, 0 for what is there."""
        if "401" in suffers:
            return 401
        in_parts = path != self._system
        if "503" in suffers or ("503 in parts" in suffers and in_parts):
            return 503
        return 500 if "500 in parts" in suffers and in_parts else 0


def _cut(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
