"""Packets between one client and an IPMI BMC: forwarded in order, each command recorded before it is forwarded."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from bmc.ipmi import words
from bmc.ipmi.requests import answer_from
from bmc.ipmi.wire import ENTERPRISE_BYTES, Completion, Oem
from bmc.recorder.faults import Fault
from bmc.recorder.frontend import BmcFrontend
from bmc.recorder.ipmi import packet_faults, packet_words
from bmc.recorder.ipmi.conversation import (
    Conversation,
    FromClient,
    IpmiRequest,
    IpmiResponse,
    LoginRequest,
    LoginResponse,
    Passing,
    Undecodable,
)
from bmc.recorder.ipmi.packets import Message, answer_to
from bmc.recorder.ipmi.passive_session import PassiveSession
from bmc.recorder.limits import RelayLimits
from bmc.recorder.log import records as lines
from bmc.recorder.log.clock import now
from bmc.recorder.log.log import RecorderLogError

SocketAddress = tuple[Any, ...]
MessageKey = tuple[object, ...]


class PendingCommand:
    """One command or login that awaits its answer. `message` is None for a login."""

    def __init__(self, request: int, message: Message | None, spoilers: list[Fault]) -> None:
        self.request = request
        self.message = message
        self.spoilers = spoilers
        self.began = time.monotonic()
        self.sent = 1
        self.timer: asyncio.TimerHandle | None = None


class Flow(asyncio.DatagramProtocol):
    """The packets of one client, an address and a port, and its way to the BMC.

    `tell` sends a packet to the client. `users` (name -> password) is read at every login. It is also the asyncio protocol of the
    socket to the BMC.
    """

    def __init__(
        self,
        front: BmcFrontend,
        client: SocketAddress,
        tell: Callable[[bytes], None],
        users: Mapping[str, str],
        limits: RelayLimits,
    ) -> None:
        self.used = time.monotonic()
        self._front = front
        self._address = str(client[0])
        self._tell = tell
        self._answer_seconds = limits.answer_seconds
        self._talk = Conversation(users, limits.sessions_max)
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(limits.queue_packets)
        self._calls: dict[MessageKey, PendingCommand] = {}
        self._bmc: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, to: tuple[str, int]) -> None:
        """Begin to pass packets on."""
        self._task = asyncio.create_task(self._run(to), name=f"packets of {self._address} to {self._front.name}")

    async def close(self) -> None:
        """Stop forwarding. Pending commands are not recorded as ended; the caller does that."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        for call in self._calls.values():
            if call.timer:
                call.timer.cancel()
        if self._bmc:
            self._bmc.close()

    def take(self, raw: bytes) -> None:
        """A packet came from the client."""
        self.used = time.monotonic()
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(raw)

    def is_idle(self, seconds: float) -> bool:
        """Has neither side sent a packet for this long?"""
        return time.monotonic() - self.used > seconds

    def forget(self) -> None:
        """Record every pending command as `unknown`. Raises RecorderLogError."""
        for key in list(self._calls):
            self._finish(key, "unknown", 0, says="the client fell silent", told="nothing")

    # What the BMC sends.

    def datagram_received(self, data: bytes, _: SocketAddress) -> None:
        """A packet came from the BMC."""
        self.used = time.monotonic()
        try:
            told = self._back(data)
        except RecorderLogError as error:
            self._front.trouble = str(error)
            return
        if told is not None and not packet_faults.is_lost(self._front, self._address):
            self._tell(told)

    def error_received(self, error: Exception) -> None:
        """An ICMP error: nothing listens at the BMC's address."""
        self._front.trouble = f"{type(error).__name__}: {error}"

    def _back(self, raw: bytes) -> bytes | None:
        """The packet to send to the client for one of the BMC; None: nothing is sent."""
        match self._talk.answered(raw):
            case LoginResponse(session, status):
                self._finish(("login", session.console), "answered", 401 if status else 200)
                if not status:
                    self._front.faults.opened(packet_words.token(session))
            case IpmiResponse(session, packet, message):
                call = self._calls.get(packet_words.key(session, message))
                spoiled = packet_faults.spoiled(call.spoilers if call else [], session, packet, message)
                self._answered(session, message, spoiled)
                if spoiled:
                    return spoiled.packet
                return session.back(packet) if session else raw
        return raw

    def _answered(self, session: PassiveSession | None, message: Message, spoiled: packet_faults.Spoiled | None) -> None:
        code = message.data[0]
        more: dict[str, Any] = {"body": json.dumps({"CompletionCode": f"{code:#04x}"})} if code else {}
        if spoiled:
            more |= {"faults": spoiled.faults, "told": "nothing" if spoiled.packet is None else "a spoiled answer"}
        self._finish(packet_words.key(session, message), "answered", words.status(code), bytes=len(message.data), **more)

    def _finish(self, key: MessageKey, outcome: lines.Outcome, status: int, **more: Any) -> None:
        call = self._calls.pop(key, None)
        if call is None:
            return
        if call.timer:
            call.timer.cancel()
        if call.sent > 1:
            more.setdefault("says", f"sent {call.sent} times")
        self._front.end(call.request, call.began, outcome, status, **more)

    # What the client sends.

    async def _run(self, to: tuple[str, int]) -> None:
        try:
            self._bmc, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, remote_addr=to)
        except OSError as error:
            self._front.trouble = f"{type(error).__name__}: {error}"
        while True:
            raw = await self._waiting.get()
            try:
                await self._pass(raw)
            except RecorderLogError as error:
                # What cannot be written down is not passed on.
                self._front.trouble = str(error)

    async def _pass(self, raw: bytes) -> None:
        said = self._talk.asked(raw)
        lost = packet_faults.is_lost(self._front, self._address)
        if isinstance(said, Passing):
            self._send(None if lost else raw)
            return
        key, call = self._known(said)
        if call:
            call.sent += 1
            self._send(None if lost else packet_words.onward(said, raw))
            return
        await self._request(said, raw, key, lost=lost)

    def _known(self, said: FromClient) -> tuple[MessageKey, PendingCommand | None]:
        """The key of a packet, and the pending command that it retransmits (§6.12.13), or None."""
        match said:
            case LoginRequest(session=session):
                key: MessageKey = ("login", session.console)
                return key, self._calls.get(key)
            case IpmiRequest(session, _, message):
                key = packet_words.key(session, message)
                call = self._calls.get(key)
                return key, call if call and call.message == message else None
        return ("undecodable", object()), None

    async def _request(self, said: FromClient, raw: bytes, key: MessageKey, *, lost: bool) -> None:
        """Record a request, then drop, answer, delay or forward it as the faults demand."""
        own = packet_words.own(said)
        if own is not None and isinstance(said, IpmiRequest) and said.session and own.command == Oem.INTRODUCE:
            said.session.user_agent = own.data[3:].decode(errors="replace")
        wanted = packet_words.wanted(said, len(raw))
        asked = self._asked(wanted)
        fitting = [] if own else packet_faults.fitting(self._front.faults, packet_words.question(asked, wanted.session), said)
        stops = next((fault for fault in fitting if fault.order.kind in packet_faults.STOPPING), None)
        names = tuple(fault.name for fault in fitting)
        self._finish(key, "unknown", 0, says="another request took its place", told="nothing")
        self._front.write(msgspec.structs.replace(asked, forwarded=not (stops or lost), faults=names))
        call = PendingCommand(asked.request, said.message if isinstance(said, IpmiRequest) else None, fitting)
        if lost:
            self._front.end(call.request, call.began, "faulted", 0, says="packet_loss", told="nothing")
        elif own and isinstance(said, IpmiRequest):
            await self._answer_ourselves(call, said, own)
        else:
            await packet_faults.delay(fitting)
            if stops:
                self._stop(call, said, stops)
            else:
                await self._forward(call, said, raw, key, changes=asked.changes)

    async def _forward(self, call: PendingCommand, said: FromClient, raw: bytes, key: MessageKey, *, changes: bool) -> None:
        if self._bmc is None:
            self._front.end(call.request, call.began, "not sent", 0, says=self._front.trouble, told="nothing")
            return
        if changes:
            await self._front.log.durable()
            self._front.write(lines.RequestSentRecord(bmc=self._front.name, time=now(), request=call.request))
        if isinstance(said, Undecodable):
            self._front.end(call.request, call.began, "unknown", 0, says=said.says)
        else:
            self._calls[key] = call
            loop = asyncio.get_running_loop()
            call.timer = loop.call_later(self._answer_seconds, self._unanswered, key)
        self._send(packet_words.onward(said, raw))

    def _unanswered(self, key: MessageKey) -> None:
        try:
            self._finish(key, "unknown", 0, says=f"no answer within {self._answer_seconds:g} s", told="nothing")
        except RecorderLogError as error:
            self._front.trouble = str(error)

    def _stop(self, call: PendingCommand, said: FromClient, fault: Fault) -> None:
        """A fault answers, or keeps silent, in the BMC's place."""
        fault.apply()
        told, status = packet_faults.refusal(fault, said)
        silent = "nothing" if told is None else ""
        self._front.end(call.request, call.began, "faulted", status, says=fault.order.kind, told=silent)
        if isinstance(said, IpmiRequest) and said.session:
            said.session.swallow()
        if told is not None:
            self._tell(told)

    async def _answer_ourselves(self, call: PendingCommand, said: IpmiRequest, own: Message) -> None:
        """Answer our own OEM commands: Introduce and ReadRequests."""
        data = ENTERPRISE_BYTES
        if own.command == Oem.READ_REQUESTS:
            await self._front.settle()
            data = answer_from(self._front.record, own.data)
        self._front.end(call.request, call.began, "aside", 200)
        if said.session:
            said.session.swallow()
            self._tell(said.session.answer(said.packet, answer_to(own, Completion.OK, data)))

    def _send(self, packet: bytes | None) -> None:
        if self._bmc and packet is not None:
            self._bmc.sendto(packet)

    def _asked(self, wanted: packet_words.Wanted) -> lines.RequestRecord:
        session = wanted.session
        user, agent = (session.user, session.user_agent) if session else ("", "")
        client, by = self._front.askers.name(self._address, user, agent)
        return lines.RequestRecord(
            bmc=self._front.name,
            time=now(),
            request=self._front.record.asked + 1,
            address=self._address,
            client=client,
            by=by,
            user_agent=agent,
            user=user,
            login="session" if session else "none",
            method=wanted.method,
            path=wanted.path,
            body=wanted.body,
            bytes=wanted.bytes,
        )
