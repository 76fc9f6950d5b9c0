"""What can be done to the emulated BMC: every POST, PATCH and DELETE."""

import json
from dataclasses import replace
from typing import Any

from aiohttp import web

from bmc.machine import Boot, Machine
from bmc.redfish.service import paths, resources
from bmc.redfish.service.documents import Documents, etag
from bmc.redfish.service.errors import bad_value, error, malformed, missing_parameter, not_found, unauthorized, unknown_property
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.power import PowerSequence
from bmc.redfish.service.sessions import SESSION_HEADER, Sessions

_BOOT_FIELDS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "BootSourceOverrideTarget": ("target", resources.BOOT_TARGETS),
    "BootSourceOverrideEnabled": ("enabled", resources.BOOT_ENABLED),
    "BootSourceOverrideMode": ("mode", resources.BOOT_MODES),
    "HttpBootUri": ("http_uri", None),
}


class Actions:
    """The writes of one machine's service. A handler awaits nothing but the body, which is there already."""

    def __init__(self, machine: Machine, where: Paths, *, documents: Documents, sessions: Sessions, power: PowerSequence) -> None:
        self._machine = machine
        self._where = where
        self._documents = documents
        self._sessions = sessions
        self._power = power

    def routes(self) -> list[web.RouteDef]:
        """All writes, by path."""
        where = self._where
        media = f"{where.media}/{{device}}/Actions"
        return [
            web.post(paths.SESSIONS, self.open_session),
            web.post(f"{paths.SESSIONS}/Members", self.open_session),
            web.delete(f"{paths.SESSIONS}/{{id}}", self.close_session),
            web.patch(where.system, self.change_system),
            web.post(f"{where.system}/Actions/ComputerSystem.Reset", self.reset_system),
            web.post(f"{where.manager}/Actions/Manager.Reset", self.reset_manager),
            web.post(f"{media}/VirtualMedia.InsertMedia", self.insert),
            web.post(f"{media}/VirtualMedia.EjectMedia", self.eject),
        ]

    async def open_session(self, request: web.Request) -> web.Response:
        """POST a user's name and password: 201 with a token."""
        body = await _body(request)
        if body is None:
            return malformed()
        user, password = body.get("UserName"), body.get("Password")
        if not (isinstance(user, str) and isinstance(password, str) and self._sessions.accepts(user, password)):
            return unauthorized()
        session = self._sessions.open(user, self._machine.clock())
        shown = resources.session(session)
        return web.json_response(shown, status=201, headers={"Location": shown["@odata.id"], SESSION_HEADER: session.token})

    async def close_session(self, request: web.Request) -> web.Response:
        """DELETE a session."""
        closed = self._sessions.close(request.match_info["id"])
        return web.Response(status=204) if closed else not_found(request.path)

    async def change_system(self, request: web.Request) -> web.Response:
        """PATCH the boot override; nothing else of the system can be written."""
        body = await _body(request)
        if body is None:
            return malformed()
        if not self._is_current(request):
            return error(412, "PreconditionFailed", "The ETag supplied did not match the current ETag of the resource.")
        boot = body.get("Boot")
        if not isinstance(boot, dict) or len(body) != 1:
            return unknown_property(next((name for name in body if name != "Boot"), "Boot"))
        return self._change_boot(boot)

    def _is_current(self, request: web.Request) -> bool:
        wanted = request.headers.get("If-Match", "*")
        return wanted in ("*", etag(self._documents.read(self._where.system) or {}))

    def _change_boot(self, wanted: dict[str, Any]) -> web.Response:
        changes: dict[str, Any] = {}
        for name, value in wanted.items():
            if name not in _BOOT_FIELDS:
                return unknown_property(name)
            field, allowed = _BOOT_FIELDS[name]
            if allowed is not None and value not in allowed:
                return bad_value(name, value)
            changes[field] = value
        changed: Boot = replace(self._machine.boot, **changes)
        self._machine.set_boot(changed)
        return web.Response(status=204)

    async def reset_system(self, request: web.Request) -> web.Response:
        """ComputerSystem.Reset: 204 at once, the power follows in its time."""
        body = await _body(request)
        if body is None:
            return malformed()
        if "ResetType" not in body:
            return missing_parameter("ComputerSystem.Reset", "ResetType")
        try:
            self._power.ask(body["ResetType"])
        except (ValueError, TypeError):
            return bad_value("ResetType", body["ResetType"])
        return web.Response(status=204)

    async def reset_manager(self, _request: web.Request) -> web.Response:
        """Manager.Reset: sessions and the request log are lost."""
        self._sessions.clear()
        self._machine.restart_manager()
        return web.Response(status=204)

    async def insert(self, request: web.Request) -> web.Response:
        """VirtualMedia.InsertMedia; the image is not fetched."""
        device, body = request.match_info["device"], await _body(request)
        if device not in self._machine.media:
            return not_found(request.path)
        if body is None:
            return malformed()
        image = body.get("Image")
        if not isinstance(image, str) or not image:
            return missing_parameter("VirtualMedia.InsertMedia", "Image")
        self._machine.insert(device, image, write_protected=bool(body.get("WriteProtected", True)))
        return web.Response(status=204)

    async def eject(self, request: web.Request) -> web.Response:
        """VirtualMedia.EjectMedia; ejecting nothing is well."""
        device = request.match_info["device"]
        if device not in self._machine.media:
            return not_found(request.path)
        self._machine.eject(device)
        return web.Response(status=204)


async def _body(request: web.Request) -> dict[str, Any] | None:
    """The JSON object a request carries; None where it carries something else."""
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
