"""The recorder's control: an HTTP API on loopback that puts faults in, takes them out, and tells what they did.

`PUT /faults/{id}` with a bmc.recorder.faults.FaultSpec as JSON; `DELETE /faults/{id}` heals, and answers how often it was
applied; `GET /faults` and `GET /faults/{id}` tell the counters; `GET /bmcs` tells what went through to each BMC.
"""

import msgspec
from aiohttp import web

from bmc.recorder.faults import Fault, FaultSpec
from bmc.recorder.log.log import RecorderLogError
from bmc.recorder.recorder import FlightRecorder


def control_app(recorder: FlightRecorder) -> web.Application:
    """The control of one recorder, to be served on loopback only."""
    control = _Control(recorder)
    app = web.Application()
    app.add_routes(
        [
            web.get("/bmcs", control.bmcs),
            web.get("/faults", control.faults),
            web.get("/faults/{id}", control.fault),
            web.put("/faults/{id}", control.put),
            web.delete("/faults/{id}", control.heal),
        ]
    )
    return app


class _Control:
    """The handlers."""

    def __init__(self, recorder: FlightRecorder) -> None:
        self._recorder = recorder

    async def bmcs(self, _: web.Request) -> web.Response:
        told = {}
        for name, listener in self._recorder.listeners.items():
            record = listener.proxy.record
            told[name] = {
                "listen": listener.place,
                "requests": record.asked,
                "unknown": record.unknown,
                "unattributed": record.unattributed,
                "trouble": listener.proxy.trouble,
            }
        return web.json_response(told)

    async def faults(self, _: web.Request) -> web.Response:
        listeners = self._recorder.listeners.values()
        return web.json_response({fault.name: fault.state() for listener in listeners for fault in listener.proxy.faults})

    async def fault(self, request: web.Request) -> web.Response:
        found = self._recorder.fault(request.match_info["id"])
        return web.json_response(found[1].state()) if found else _missing(request)

    async def put(self, request: web.Request) -> web.Response:
        try:
            order = msgspec.json.decode(await request.read(), type=FaultSpec)
        except (msgspec.DecodeError, ValueError) as error:
            return web.json_response({"says": f"this is no fault: {error}"}, status=400)
        listener = self._recorder.find(order.bmc)
        if listener is None:
            known = ", ".join(f"{name} at {each.place}" for name, each in self._recorder.listeners.items())
            return web.json_response(
                {"says": f"this recorder does not stand before {order.bmc!r}; it does before {known}"}, status=404
            )
        fault = Fault(request.match_info["id"], order)
        try:
            await self._recorder.put(listener, fault)
        except ValueError as error:
            return web.json_response({"says": f"this is no fault: {error}"}, status=400)
        except RecorderLogError as error:
            return web.json_response({"says": str(error)}, status=503)
        return web.json_response(fault.state(), status=201)

    async def heal(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        found = self._recorder.fault(name)
        try:
            healed = await self._recorder.heal(name)
        except RecorderLogError:
            healed = found[1] if found else None
        return web.json_response(healed.state()) if healed else _missing(request)


def _missing(request: web.Request) -> web.Response:
    return web.json_response({"says": f"there is no fault {request.match_info['id']}"}, status=404)
