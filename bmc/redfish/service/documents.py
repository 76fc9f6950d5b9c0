"""Which resource is at which path: every GET of the emulated service."""

import json
import zlib
from collections.abc import Callable
from functools import partial

from aiohttp import web

from bmc.machine import Machine
from bmc.redfish.service import paths, resources
from bmc.redfish.service.errors import bad_value, error, not_found
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.resources import Body, collection, link
from bmc.redfish.service.sessions import Sessions
from bmc.redfish.wire import ROOT

ENTRIES_A_PAGE = 1000


class Documents:
    """The readable resources of one machine."""

    def __init__(self, machine: Machine, where: Paths, sessions: Sessions) -> None:
        self._machine = machine
        self._where = where
        self._sessions = sessions
        self._fixed = {**self._services(), **self._system(), **self._manager()}

    def read(self, path: str) -> Body | None:
        """The body of the resource at a path (a closing slash is nothing); None where there is none."""
        path = path.rstrip("/")
        if make := self._fixed.get(path):
            return make()
        folder, _, name = path.rpartition("/")
        if folder == paths.SESSIONS and (session := self._sessions.find(name)):
            return resources.session(session)
        if folder == self._where.media and name in self._machine.media:
            return resources.medium(path, name, self._machine.media[name])
        if folder == self._where.entries and name.isdecimal() and (entry := self._machine.requests.find(int(name))):
            return resources.entry(self._where, entry)
        return None

    async def answer(self, request: web.Request) -> web.Response:
        """Answer whatever is no action: a GET with 200 and an ETag, or 304 where the client has this version; else 404 or 405."""
        is_entries = request.path.rstrip("/") == self._where.entries
        if request.method not in ("GET", "HEAD") and (is_entries or self.read(request.path) is not None):
            return error(405, "OperationNotAllowed", "The HTTP method is not allowed on this resource.", headers={"Allow": "GET"})
        if is_entries:
            return self._entries(request)
        body = self.read(request.path)
        if body is None:
            return not_found(request.path)
        tag = etag(body)
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.json_response(body, headers={"ETag": tag, "OData-Version": "4.0"})

    def _entries(self, request: web.Request) -> web.Response:
        log = self._machine.requests
        window: dict[str, int] = {"$skip": 0, "$top": ENTRIES_A_PAGE}
        for name in window:
            value = request.query.get(name)
            if value is not None:
                if not value.isdecimal():
                    return bad_value(name, value)
                window[name] = int(value)
        skip, top = window["$skip"], min(window["$top"], ENTRIES_A_PAGE)
        shown = log.window(skip, top)
        body = collection(self._where.entries, "LogEntry", (resources.entry(self._where, each) for each in shown), count=len(log))
        if top and skip + top < len(log):
            body["Members@odata.nextLink"] = f"{self._where.entries}?$skip={skip + top}&$top={top}"
        return web.json_response(body, headers={"OData-Version": "4.0"})

    def _services(self) -> dict[str, Callable[[], Body]]:
        machine = self._machine
        firmware = f"{paths.UPDATE_SERVICE}/FirmwareInventory"
        return {
            "/redfish": lambda: {"v1": f"{ROOT}/"},
            ROOT: lambda: resources.service_root(machine),
            f"{ROOT}/odata": resources.odata,
            paths.SESSION_SERVICE: resources.session_service,
            paths.SESSIONS: lambda: collection(
                paths.SESSIONS, "Session", (link(f"{paths.SESSIONS}/{each.id}") for each in self._sessions)
            ),
            paths.UPDATE_SERVICE: resources.update_service,
            firmware: lambda: collection(firmware, "SoftwareInventory", ()),
        }

    def _system(self) -> dict[str, Callable[[], Body]]:
        machine, where = self._machine, self._where
        interfaces = {f"{where.interfaces}/{address}": address for address in machine.mac_addresses}
        return {
            paths.SYSTEMS: lambda: collection(paths.SYSTEMS, "ComputerSystem", [link(where.system)]),
            where.system: lambda: resources.system(machine, where),
            where.secure_boot: lambda: resources.secure_boot(where.secure_boot),
            where.interfaces: lambda: collection(where.interfaces, "EthernetInterface", map(link, interfaces)),
            where.media: lambda: collection(
                where.media, "VirtualMedia", (link(f"{where.media}/{device}") for device in machine.media)
            ),
            **{path: partial(resources.interface, path, address) for path, address in interfaces.items()},
        }

    def _manager(self) -> dict[str, Callable[[], Body]]:
        machine, where = self._machine, self._where
        return {
            paths.CHASSIS: lambda: collection(paths.CHASSIS, "Chassis", [link(where.chassis)]),
            where.chassis: lambda: resources.chassis(machine, where),
            paths.MANAGERS: lambda: collection(paths.MANAGERS, "Manager", [link(where.manager)]),
            where.manager: lambda: resources.manager(machine, where),
            where.logs: lambda: collection(where.logs, "LogService", [link(where.requests)]),
            where.requests: lambda: resources.requests_log(where),
        }


def etag(body: Body) -> str:
    """A strong ETag of a body (DSP0266 §6.5)."""
    return f'"{zlib.crc32(json.dumps(body, sort_keys=True).encode()):08x}"'
