"""LogServices: the hardware log, that can be cleared, and the log of requests."""

from collections.abc import Callable
from functools import partial
from itertools import islice

from aiohttp import web

from bmc.machine import Machine
from bmc.redfish.service.errors import bad_value
from bmc.redfish.service.front import shown
from bmc.redfish.service.logs.hardware_log import HardwareEntry, HardwareLog
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.resources import (
    Body,
    RedfishResource,
    WriteRequest,
    collection,
    done,
    entry,
    links,
    log_entry,
    log_service,
    requests_log,
)
from bmc.redfish.vendor import Personality

ENTRIES_A_PAGE = 1000


class Logs:
    """The LogServices of the System and the Manager."""

    def __init__(self, machine: Machine, where: Paths, personality: Personality, hardware: HardwareLog) -> None:
        self._machine = machine
        self._where = where
        self._hardware = hardware
        self._hardware_id = personality.log_id
        in_manager = [where.requests] if personality.keeps_requests else []
        in_system: list[str] = []
        (in_system if personality.log_in == "system" else in_manager).append(where.hardware_log)
        self._services = {where.system_logs: in_system, where.logs: in_manager}

    def find(self, path: str) -> RedfishResource | None:
        """A collection of LogServices, one of them, its entries, or one entry."""
        services = self._services.get(path)
        if services:
            return RedfishResource(read=lambda: collection(path, "LogService", links(services)))
        if path.startswith(self._where.hardware_log):
            return self._in_hardware(path.removeprefix(self._where.hardware_log))
        if path.startswith(self._where.requests) and self._where.requests in self._services[self._where.logs]:
            return self._in_requests(path.removeprefix(self._where.requests))
        return None

    def _in_hardware(self, rest: str) -> RedfishResource | None:
        path, log = self._where.hardware_log, self._hardware.entries
        if rest == "":
            return RedfishResource(read=self._hardware_service)
        if rest == "/Actions/LogService.ClearLog":
            return RedfishResource(writes={"POST": self._clear})
        if rest == "/Entries":
            return RedfishResource(answer=_Pages(f"{path}/Entries", self._hardware_window, lambda: len(log)))
        number = _number(rest)
        noted = next((each for each in log if each.id == number), None)
        return RedfishResource(read=partial(self._hardware_entry, noted)) if noted else None

    def _in_requests(self, rest: str) -> RedfishResource | None:
        path, log = self._where.requests, self._machine.requests
        if rest == "":
            return RedfishResource(read=partial(requests_log, self._where))
        if rest == "/Entries":
            return RedfishResource(answer=_Pages(f"{path}/Entries", self._requests_window, lambda: len(log)))
        logged = log.find(_number(rest))
        return RedfishResource(read=partial(entry, self._where, logged)) if logged else None

    def _hardware_window(self, skip: int, top: int) -> list[Body]:
        return [self._hardware_entry(each) for each in islice(self._hardware.entries, skip, skip + top)]

    def _requests_window(self, skip: int, top: int) -> list[Body]:
        return [entry(self._where, each) for each in self._machine.requests.window(skip, top)]

    def _clear(self, _call: WriteRequest) -> web.Response:
        self._hardware.clear()
        return done()

    def _hardware_service(self) -> Body:
        path = self._where.hardware_log
        body = log_service(path, self._hardware_id, "Hardware log")
        return {**body, "Actions": {"#LogService.ClearLog": {"target": f"{path}/Actions/LogService.ClearLog"}}}

    def _hardware_entry(self, noted: HardwareEntry) -> Body:
        body = log_entry(f"{self._where.hardware_log}/Entries", noted.id, noted.created, noted.message)
        return {**body, "MessageId": noted.message_id}


class _Pages:
    """GETs a log's entries, a page at a time: `$skip` and `$top`."""

    def __init__(self, path: str, entries: Callable[[int, int], list[Body]], count: Callable[[], int]) -> None:
        self._path = path
        self._entries = entries
        self._count = count

    async def __call__(self, request: web.Request) -> web.Response:
        window = {"$skip": 0, "$top": ENTRIES_A_PAGE}
        for name in window:
            value = request.query.get(name)
            if value is not None:
                if not value.isdecimal():
                    return bad_value(name, value)
                window[name] = int(value)
        return self._page(window["$skip"], min(window["$top"], ENTRIES_A_PAGE))

    def _page(self, skip: int, top: int) -> web.Response:
        count = self._count()
        body = collection(self._path, "LogEntry", self._entries(skip, top), count=count)
        if top and skip + top < count:
            body["Members@odata.nextLink"] = f"{self._path}?$skip={skip + top}&$top={top}"
        return shown(body, RedfishResource(answer=self))


def _number(rest: str) -> int:
    """The number in `/Entries/7`; 0, which no entry has, where it is another path."""
    folder, _, name = rest.rpartition("/")
    return int(name) if folder == "/Entries" and name.isdecimal() and name.isascii() else 0
