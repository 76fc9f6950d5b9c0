"""The EventService: events of power, told over server-sent events and to push subscriptions (DSP0266 §13.5, §13.6)."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import msgspec
from aiohttp import web

from bmc.machine import Machine, PowerChange
from bmc.redfish.service import paths
from bmc.redfish.service.errors import error, not_found
from bmc.redfish.service.events.delivery import ATTEMPTS, deliver
from bmc.redfish.service.events.subscriptions import EVENT_TYPES, STREAM, Subscription, wanted
from bmc.redfish.service.front import shown
from bmc.redfish.service.logs.hardware_log import resets_note
from bmc.redfish.service.logs.recording import note
from bmc.redfish.service.metadata import typed
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.resources import ENABLED, Body, RedfishResource, WriteRequest, collection, done, link, links
from bmc.redfish.vendor import Personality

SUBSCRIPTIONS_MAX = 20
HEARTBEAT_SECONDS = 2.0
"""How often an idle stream carries a comment; so a client that went away is noticed."""
_TEST_EVENT = f"{paths.EVENT_SERVICE}/Actions/EventService.SubmitTestEvent"


class EventServiceResources:
    """The EventService of one BMC. Events are not stored: only current subscribers receive them."""

    def __init__(self, machine: Machine, where: Paths, personality: Personality, *, retry_seconds: float) -> None:
        self._machine = machine
        self._where = where
        self._personality = personality
        self._retry_seconds = retry_seconds
        self._subscriptions: dict[str, Subscription] = {}
        self._deliveries: dict[str, asyncio.Task[None]] = {}
        self._subscribed = 0
        self._told = 0
        machine.on_power.append(self._changed)

    async def lifespan(self, _app: web.Application) -> AsyncIterator[None]:
        """End streams and deliveries with the application (an aiohttp cleanup context)."""
        yield
        deliveries = list(self._deliveries.values())
        for each in deliveries:
            each.cancel()
        await asyncio.gather(*deliveries, return_exceptions=True)

    async def shut_down(self, _app: web.Application) -> None:
        """End all streams, so that nobody has to wait for them."""
        self.clear()

    def clear(self) -> None:
        """Drop all subscriptions, as many BMCs do when they restart (openbmc/bmcweb#164)."""
        for number in tuple(self._subscriptions):
            self._drop(number)

    def tell(self, message: str, message_id: str, origin: str) -> None:
        """Send an event to all current subscriptions; a subscription whose queue is full is dropped."""
        self._told += 1
        record = {
            "MemberId": "0",
            "EventId": str(self._told),
            "EventType": EVENT_TYPES[0],
            "EventTimestamp": self._machine.clock().isoformat(),
            "Message": message,
            "MessageId": message_id,
            "MessageSeverity": "OK",
            "OriginOfCondition": link(origin),
        }
        event = {"@odata.type": "#Event.v1_7_0.Event", "Id": str(self._told), "Name": "Event", "Events": [record]}
        for each in tuple(self._subscriptions.values()):
            if not each.put({**event, "Context": each.context}):
                self._drop(each.id)

    def find(self, path: str) -> RedfishResource | None:
        """The service, its actions, the subscriptions, or the stream."""
        if path == paths.EVENT_SERVICE:
            return RedfishResource(read=self._service)
        if path == paths.SUBSCRIPTIONS:
            return RedfishResource(read=self._listed, writes={"POST": self._subscribe})
        if path == _TEST_EVENT:
            return RedfishResource(writes={"POST": self._test})
        if path and path == self._personality.event_stream:
            return RedfishResource(answer=self._stream)
        folder, _, name = path.rpartition("/")
        found = self._subscriptions.get(name) if folder == paths.SUBSCRIPTIONS else None
        return RedfishResource(read=found.shown, writes={"DELETE": self._unsubscribe}) if found else None

    def _service(self) -> Body:
        body: Body = {
            "@odata.id": paths.EVENT_SERVICE,
            "@odata.type": typed("EventService"),
            "Id": "EventService",
            "Name": "Event Service",
            "ServiceEnabled": True,
            "Status": ENABLED,
            "DeliveryRetryAttempts": ATTEMPTS,
            "DeliveryRetryIntervalSeconds": max(1, round(self._retry_seconds)),
            "EventFormatTypes": ["Event"],
            "EventTypesForSubscription": list(EVENT_TYPES),
            "Subscriptions": link(paths.SUBSCRIPTIONS),
            "Actions": {"#EventService.SubmitTestEvent": {"target": _TEST_EVENT}},
        }
        if self._personality.event_stream:
            body["ServerSentEventUri"] = self._personality.event_stream
        return body

    def _listed(self) -> Body:
        members = links(f"{paths.SUBSCRIPTIONS}/{number}" for number in self._subscriptions)
        return collection(paths.SUBSCRIPTIONS, "EventDestination", members)

    def _subscribe(self, call: WriteRequest) -> web.Response:
        if len(self._subscriptions) >= SUBSCRIPTIONS_MAX:
            return error(503, "CreateLimitReachedForResource", "The service has no room for another subscription.")
        asked = wanted(self._next_number(), call.body)
        if isinstance(asked, web.Response):
            return asked
        self._subscriptions[asked.id] = asked
        transport = call.request.transport
        # Events leave from the address at which the subscriber found us, so that whoever looks at addresses knows this BMC.
        own_address = transport.get_extra_info("sockname")[0] if transport else ""
        delivery = deliver(asked, own_address=own_address, retry_seconds=self._retry_seconds)
        task = asyncio.create_task(delivery, name=f"events of {self._machine.name} to subscription {asked.id}")
        self._deliveries[asked.id] = task
        task.add_done_callback(partial(self._delivered, asked.id))
        body = asked.shown()
        return shown(body, RedfishResource(writes={"POST": self._subscribe}), status=201, headers={"Location": body["@odata.id"]})

    def _unsubscribe(self, call: WriteRequest) -> web.Response:
        number = call.request.path.rstrip("/").rpartition("/")[2]
        return done() if self._drop(number) else not_found(call.request.path)

    def _test(self, call: WriteRequest) -> web.Response:
        message = str(call.body.get("Message", "a test event"))
        self.tell(message, str(call.body.get("MessageId", "ResourceEvent.1.3.TestMessage")), paths.EVENT_SERVICE)
        return done()

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """An endless answer; it ends when its EventDestination is deleted, and deletes it when it ends."""
        stream = Subscription(id=self._next_number(), kind=STREAM, context=f"stream to {request.remote}")
        self._subscriptions[stream.id] = stream
        note(request, 200)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        try:
            await response.prepare(request)
            await response.write(b": events follow\n\n")
            while (data := await _next_chunk(stream)) is not None:
                await response.write(data)
        except ConnectionResetError:
            return response
        finally:
            self._subscriptions.pop(stream.id, None)
        return response

    def _next_number(self) -> str:
        self._subscribed += 1
        return str(self._subscribed)

    def _drop(self, number: str) -> bool:
        dropped = self._subscriptions.pop(number, None)
        if dropped is not None:
            dropped.end()
        return dropped is not None

    def _delivered(self, number: str, task: asyncio.Task[None]) -> None:
        """A delivery has ended: its subscription was dropped, or it was given up and is dropped now."""
        del self._deliveries[number]
        self._subscriptions.pop(number, None)
        if not task.cancelled():
            task.result()

    def _changed(self, _machine: Machine, change: PowerChange) -> None:
        resets, message, message_id = resets_note(change)
        if resets in self._personality.events_tell:
            self.tell(message, message_id, self._where.system)


async def _next_chunk(stream: Subscription) -> bytes | None:
    """The next event as it goes over the line, or a comment where none came in time; None at the end."""
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            event = await stream.queue.get()
    except TimeoutError:
        return b": still here\n\n"
    return None if event is None else b"id: " + event["Id"].encode() + b"\ndata: " + msgspec.json.encode(event) + b"\n\n"
