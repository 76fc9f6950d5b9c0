"""One BMC with the recorder before it: every request is written down, passed on, and its answer written down and passed back."""

import asyncio
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp.web import BaseRequest, Response, StreamResponse

from bmc.recorder.clients import TOKEN_HEADER, SessionUsers, closes_session, opens_session
from bmc.recorder.faults import REDFISH_KINDS, REFUSALS, SILENT, SPOILING, Fault, redfish_error, refusal
from bmc.recorder.frontend import Attachment, BmcFrontend
from bmc.recorder.limits import UpstreamLimits
from bmc.recorder.log.clock import now
from bmc.recorder.log.log import RecorderLogError
from bmc.recorder.log.records import Outcome, RequestRecord, RequestSentRecord
from bmc.recorder.masking import ANSWER_HEADERS, masked_body, masked_headers
from bmc.recorder.redfish.events import Fitting
from bmc.recorder.redfish.exchange import Exchange, received
from bmc.recorder.redfish.passing import dropped, streamed, whole
from bmc.recorder.redfish.pushes import FOLDER, Destination, Pushes
from bmc.recorder.redfish.service import LogPath, log_path, own_collection, resource, with_link
from bmc.recorder.redfish.upstream import NoAnswerError, Upstream, UpstreamResponse

GONE_SECONDS = 0.5
"""How often a hanging request checks whether its client has disconnected."""

SUBSCRIPTIONS = "/EventService/Subscriptions"
_JSON = {"Content-Type": "application/json", "OData-Version": "4.0"}


class Proxy(BmcFrontend):
    """A Redfish BMC behind the recorder."""

    kinds = REDFISH_KINDS

    def __init__(self, attachment: Attachment, limits: UpstreamLimits) -> None:
        super().__init__(attachment)
        self._sessions = SessionUsers()
        self._upstream = Upstream(attachment.settings, self._going_out, limits)
        self._pushes: Pushes | None = None

    def lead_pushes(self, base: str) -> None:
        """Route pushed events through the recorder; `base` is the recorder's URL as the BMC reaches it."""
        self._pushes = Pushes(base)

    async def close(self) -> None:
        """Close the connections to the BMC; pending requests are recorded as unknown."""
        await self._upstream.close()
        if self._pushes:
            await self._pushes.close()
        self.forget_unfinished("the recorder was stopped")

    async def handle(self, request: BaseRequest) -> StreamResponse:
        """Answer one request. What cannot be written down is not passed on."""
        if self._pushes and request.method == "POST" and request.path.startswith(FOLDER):
            return await self._pushes.pushed(request)
        exchange = await received(request)
        try:
            return await self._written(exchange)
        except RecorderLogError as error:
            self.trouble = str(error)
            if exchange.sent:
                return dropped(request)
            return Response(status=503, text=f"the recorder cannot write, so it passes nothing on: {error}\n")

    async def _written(self, exchange: Exchange) -> StreamResponse:
        began = time.monotonic()
        exchange.number = self.record.asked + 1
        asked = exchange.asked(self.name, now(), self.askers, self._sessions)
        where = log_path(exchange.path) if exchange.method == "GET" else None
        own = where is not None and where.own
        fitting = [] if own else self.faults.fitting(exchange.question(asked, self._sessions))
        stops = next((fault for fault in fitting if fault.order.kind in REFUSALS or fault.order.kind in SILENT), None)
        names = tuple(fault.name for fault in fitting)
        self.write(msgspec.structs.replace(asked, forwarded=stops is None, faults=names))
        call = _Call(exchange, asked, began, fitting)
        if where and own:
            return await self._own(call, where)
        await self._delay(fitting)
        if stops:
            return await self._stopped(call, stops)
        self._lead_push(call)
        if exchange.changes:
            # The connection to the BMC is opened meanwhile; nothing is sent on it before the line is on the disk.
            self.log.bring()
        return await self._forwarded(call, where)

    async def _delay(self, fitting: list[Fault]) -> None:
        for fault in fitting:
            if fault.order.kind == "latency":
                fault.apply()
                with suppress(TimeoutError):
                    await asyncio.wait_for(fault.healed.wait(), fault.order.wait_seconds)

    async def _stopped(self, call: "_Call", fault: Fault) -> StreamResponse:
        """A fault answers, or keeps silent, in the BMC's place."""
        fault.apply()
        if fault.order.kind in REFUSALS:
            status, headers, body = refusal(fault)
            self._end(call, "faulted", status, says=fault.order.kind)
            return Response(status=status, headers=headers, body=body if call.exchange.method != "HEAD" else None)
        self._end(call, "faulted", 0, says=fault.order.kind)
        transport = call.exchange.request.transport
        while fault.order.kind == "hang" and transport and not transport.is_closing() and not fault.healed.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(fault.healed.wait(), GONE_SECONDS)
        return dropped(call.exchange.request)

    async def _forwarded(self, call: "_Call", where: LogPath | None) -> StreamResponse:
        spoils = any(fault.order.kind in SPOILING for fault in call.fitting)
        try:
            subscribes = self._pushes is not None and SUBSCRIPTIONS in call.exchange.path
            async with self._upstream.answered(call.exchange, plain=where is not None or spoils or subscribes) as answer:
                if where:
                    await self._add_link(call.exchange, where, answer)
                if subscribes:
                    self._note_subscription(call, answer)
                self._note_session(call, answer)
                return await self._passed_back(call, answer)
        except NoAnswerError as error:
            self.trouble = str(error)
            outcome: Outcome = "unknown" if call.exchange.sent else "not sent"
            self._end(call, outcome, 0, says=str(error), told="nothing")
            return dropped(call.exchange.request)

    async def _passed_back(self, call: "_Call", answer: UpstreamResponse) -> StreamResponse:
        spoiled, lost = self._spoil(call, answer)
        self._end_with(call, answer, told="nothing" if lost else "a spoiled answer" if spoiled is not None else "")
        if lost:
            return dropped(call.exchange.request)
        if answer.broken or answer.rest is not None:
            return await streamed(call.exchange.request, answer, self._event_faults(call))
        return whole(call.exchange, answer, answer.body if spoiled is None else spoiled)

    def _spoil(self, call: "_Call", answer: UpstreamResponse) -> tuple[bytes | None, bool]:
        """The body to send instead of the BMC's (None: unchanged), and whether nothing is to be sent."""
        spoiled: bytes | None = None
        for fault in call.fitting:
            if fault.order.kind == "lose_reply" and not fault.spent:
                fault.apply()
                call.at_work.append(fault.name)
                return None, True
            instead = fault.spoil(call.exchange.path, answer.body) if answer.plain and not fault.spent else None
            if instead is not None:
                fault.apply()
                call.at_work.append(fault.name)
                spoiled = answer.body = instead
        return spoiled, False

    async def _own(self, call: "_Call", where: LogPath) -> StreamResponse:
        """Answer from the record, for whoever may read the Manager."""
        try:
            async with self._upstream.answered(call.exchange, path=where.manager_path, plain=True) as answer:
                allowed = answer
        except NoAnswerError as error:
            self.trouble = str(error)
            self._end(call, "not sent", 0, says=str(error), told="nothing")
            return dropped(call.exchange.request)
        if allowed.status != 200:
            self._end(call, "aside", allowed.status)
            return whole(call.exchange, allowed, allowed.body)
        await self.settle()
        try:
            body = resource(where, self.record, dict(call.exchange.request.query))
        except ValueError as error:
            self._end(call, "aside", 400, says=str(error))
            return Response(status=400, headers=_JSON, body=redfish_error("QueryParameterValueError", str(error)))
        status = 200 if body is not None else 404
        self._end(call, "aside", status)
        told = redfish_error("ResourceMissingAtURI", "There is no such resource.") if body is None else msgspec.json.encode(body)
        return Response(status=status, headers=_JSON, body=told)

    async def _add_link(self, exchange: Exchange, where: LogPath, answer: UpstreamResponse) -> None:
        """Name the record in the Manager, or in its collection of LogServices, also where the BMC has no such collection."""
        if where.logs and answer.status in (404, 405, 501):
            async with self._upstream.answered(exchange, path=where.manager_path, plain=True) as manager:
                if manager.status != 200:
                    return
            answer.status, answer.reason = 200, "OK"
            answer.headers["Content-Type"] = "application/json"
            answer.body = msgspec.json.encode(own_collection(where))
        elif answer.status == 200 and answer.plain:
            answer.body = with_link(where, answer.body) or answer.body

    def _note_session(self, call: "_Call", answer: UpstreamResponse) -> None:
        exchange = call.exchange
        token = answer.headers.get(TOKEN_HEADER, "")
        if token and opens_session(exchange.method, exchange.path):
            self._sessions.opened(token, call.asked.user, urlsplit(answer.headers.get("Location", "")).path)
            self.faults.opened(self._sessions.known(token))
            call.secrets.append(token)
        elif closes_session(exchange.method, exchange.path) and answer.status < 300:
            self._sessions.closed(exchange.path)

    def _event_faults(self, call: "_Call") -> Fitting:
        question = call.exchange.question(call.asked, self._sessions)
        return lambda: self.faults.fitting_events(question)

    def _lead_push(self, call: "_Call") -> None:
        """Replace the destination of a new subscription by the recorder's own."""
        exchange = call.exchange
        if self._pushes and exchange.method == "POST" and exchange.path.rstrip("/").endswith(SUBSCRIPTIONS) and exchange.whole:
            led = self._pushes.led_here(exchange.head, self._event_faults(call))
            if led:
                exchange.head, call.destination = led

    def _note_subscription(self, call: "_Call", answer: UpstreamResponse) -> None:
        """Track a subscription made or deleted, and restore the client's destination in the answer."""
        if self._pushes is None:
            return
        if answer.plain:
            answer.body = self._pushes.as_asked(answer.body)
        if call.destination:
            call.destination.path = urlsplit(answer.headers.get("Location", "")).path
            if answer.status != 201:
                self._pushes.drop(call.destination)
        elif call.exchange.method == "DELETE" and answer.status < 300:
            self._pushes.forget(call.exchange.path)

    async def _going_out(self, exchange: Exchange) -> None:
        await self.log.durable()
        self.write(RequestSentRecord(bmc=self.name, time=now(), request=exchange.number))

    def _end_with(self, call: "_Call", answer: UpstreamResponse, told: str) -> None:
        """Record the BMC's answer, with its body for writes and errors."""
        tells = call.exchange.changes or answer.status != 200
        secrets = [*call.exchange.secrets, *call.secrets] if tells else []
        self._end(
            call,
            "broken" if answer.broken else "answered",
            answer.status,
            says=answer.broken,
            told=told,
            headers=masked_headers(answer.headers, ANSWER_HEADERS, secrets) if tells else {},
            body=masked_body(answer.body, secrets) if tells and answer.rest is None else "",
            bytes=len(answer.body) if answer.rest is None else -1,
        )

    def _end(self, call: "_Call", outcome: Outcome, status: int, **more: Any) -> None:
        self.end(call.exchange.number, call.began, outcome, status, faults=tuple(call.at_work), **more)


class _Call:
    """One exchange on its way."""

    def __init__(self, exchange: Exchange, asked: RequestRecord, began: float, fitting: list[Fault]) -> None:
        self.exchange = exchange
        self.asked = asked
        self.began = began
        self.fitting = fitting
        self.at_work: list[str] = []
        self.secrets: list[str] = []
        self.destination: Destination | None = None
