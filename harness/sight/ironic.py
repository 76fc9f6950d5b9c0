"""Watches one Ironic by polling its node list: whether it answers, and the state of its nodes.

Polling misses what happens in between, so the fields include Ironic's own times of the last state change and last inspection,
which reveal such events.
"""

import errno
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import aiohttp
import msgspec

from bmc.model import Credentials, Tls
from bmc.redfish.trust import aiohttp_trust
from bmc.redfish.wire import utf8
from harness.journal.facts import Body, IronicAnswers, IronicNode, IronicNodeGone, Side
from harness.journal.journal import FactRecorder
from harness.sight.lab_pace import LabPace
from harness.sight.polling import PollingSight

ANSWER_SECONDS = 5.0
VERSION_HEADERS = {"X-OpenStack-Ironic-API-Version": "latest", "Accept": "application/json"}
FIELDS = (
    "uuid",
    "name",
    "provision_state",
    "target_provision_state",
    "power_state",
    "target_power_state",
    "maintenance",
    "fault",
    "last_error",
    "reservation",
    "boot_interface",
    "deploy_interface",
    "provision_updated_at",
    "inspection_finished_at",
)
"""What is asked of every node. `updated_at` and `conductor` cannot be asked for in a list."""


class _Node(msgspec.Struct):
    """The two fields that every node must have to be a node."""

    uuid: str
    name: str | None = None


class _NodePage(msgspec.Struct):
    """One page of the node list."""

    nodes: list[msgspec.Raw]
    next: str = ""


class _ConnectionRefusedError(Exception):
    """Nobody listens there."""


class _BrokenError(Exception):
    """The connection broke before the answer was there."""


class _BlindError(Exception):
    """The state cannot be determined; the text says why."""


class IronicSight(PollingSight):
    """Watches one Ironic from `run` to `final`.

    `credentials`: user and password, None for an open one; `ca`: a file of the authorities that its certificate is trusted by,
    None for the system's. `local_address`: where to call from. `ready` is set after the first poll, successful or not; a failure
    is recorded.
    """

    def __init__(  # noqa: PLR0913  # all by name but the four that every sight has
        self,
        side: Side,
        url: str,
        credentials: Credentials | None,
        recorder: FactRecorder,
        *,
        interval_seconds: float = 0.5,
        answer_seconds: float = ANSWER_SECONDS,
        tls: Tls | None = None,
        local_address: str = "",
        pace: LabPace | None = None,
    ) -> None:
        super().__init__("ironic", side, recorder, interval_seconds, pace)
        self._url = url.rstrip("/")
        self._answer_seconds = answer_seconds
        self._tls = tls or Tls()
        self._local_address = local_address
        self._headers = dict(VERSION_HEADERS)
        if credentials:
            self._headers["Authorization"] = aiohttp.encode_basic_auth(credentials.username, credentials.password)
        self._http: aiohttp.ClientSession | None = None
        self._up: bool | None = None
        self._nodes: dict[str, Body] = {}

    async def final(self) -> None:
        """Take the final poll, record whether it succeeded, and close the connection."""
        await super().final()
        await self.close()

    async def close(self) -> None:
        """Close the connection to the Ironic; without `final` before it, sight just breaks off."""
        if self._http is not None:
            await self._http.close()

    async def _poll(self, *, final: bool) -> None:  # noqa: ARG002 - the state of every node is recorded when it changes
        sent = self._recorder.now()
        try:
            nodes, says = await self._all_nodes(), ""
        except _ConnectionRefusedError:
            nodes, says = None, "connection refused"
        except _BlindError as error:
            self._missed(sent, str(error))
            return
        self._tell(nodes, says, *(await self._met(sent)))

    # --- telling -----------------------------------------------------------------------------------------------------------

    def _tell(self, nodes: list[Body] | None, says: str, since: float, at: float) -> None:
        up, returned = nodes is not None, nodes is not None and self._up is False
        if up != self._up:
            self._up = up
            self._recorder.record(IronicAnswers(ironic=self._side, up=up, says=says), since=since, at=at)
        if nodes is not None:
            self._tell_nodes(nodes, since, at, anew=returned)

    def _tell_nodes(self, nodes: list[Body], since: float, at: float, *, anew: bool) -> None:
        """Record the nodes that changed or are gone; with `anew` (Ironic was down) every node."""
        now = {node["uuid"]: node for node in nodes}
        for uuid, node in self._nodes.items():
            if uuid not in now:
                self._recorder.record(IronicNodeGone(ironic=self._side, uuid=uuid, name=node["name"] or ""), since=since, at=at)
        for uuid, node in now.items():
            if anew or self._nodes.get(uuid) != node:
                fact = IronicNode(ironic=self._side, uuid=uuid, name=node["name"] or "", node=node)
                self._recorder.record(fact, since=since, at=at)
        self._nodes = now

    # --- asking ------------------------------------------------------------------------------------------------------------

    async def _all_nodes(self) -> list[Body]:
        nodes: list[Body] = []
        query = {"fields": ",".join(FIELDS)}
        while True:
            page = _decoded(await self._list(query))
            nodes += [_node(raw) for raw in page.nodes]
            marker = parse_qs(urlsplit(page.next).query).get("marker", [""])[0]
            if not marker or query.get("marker") == marker:
                return nodes
            query["marker"] = marker

    async def _list(self, query: dict[str, str]) -> bytes:
        """Get one page. A broken connection may just be a stale one, so it is tried again once."""
        try:
            return await self._ask(query)
        except _BrokenError:
            pass
        try:
            return await self._ask(query)
        except _BrokenError as error:
            raise _BlindError(str(error)) from error

    async def _ask(self, query: dict[str, str]) -> bytes:
        try:
            async with self._session().get(f"{self._url}/v1/nodes", params=query, allow_redirects=False) as answer:
                content = await answer.read()
        except TimeoutError as error:
            raise _BlindError(f"no answer within {self._answer_seconds:g} s") from error
        except aiohttp.ClientError as error:
            raise _meaning(error) from error
        if answer.status != HTTPStatus.OK:
            raise _BlindError(f"it answered {answer.status}")
        return content

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            trust = aiohttp_trust(self._tls)
            local = (self._local_address, 0) if self._local_address else None
            connector = aiohttp.TCPConnector(limit=1, ssl=trust, local_addr=local)
            limit = aiohttp.ClientTimeout(total=self._answer_seconds)
            self._http = aiohttp.ClientSession(connector=connector, headers=self._headers, timeout=limit)
        return self._http


def _meaning(error: aiohttp.ClientError) -> Exception:
    """Classify a failed request: refused, broken, or no information."""
    if isinstance(error, aiohttp.ClientSSLError):
        return _BlindError(f"TLS failed ({error.os_error.strerror or error})")
    if isinstance(error, aiohttp.ClientConnectorError):
        if error.os_error.errno == errno.ECONNREFUSED:
            return _ConnectionRefusedError()
        return _BlindError(f"it cannot be reached ({error.os_error.strerror or error.os_error})")
    if isinstance(error, aiohttp.ClientConnectionError):
        return _BrokenError(f"the connection broke off ({type(error).__name__})")
    return _BlindError(f"it does not answer in HTTP ({type(error).__name__})")


def _decoded(content: bytes) -> _NodePage:
    try:
        return msgspec.json.decode(utf8(content), type=_NodePage)
    except (msgspec.DecodeError, ValueError) as error:
        raise _BlindError(f"what it answered is no node list ({error})") from error


def _node(raw: msgspec.Raw) -> Body:
    try:
        known = msgspec.json.decode(raw, type=_Node)
        return {**msgspec.json.decode(raw, type=Body), "uuid": known.uuid, "name": known.name}
    except (msgspec.DecodeError, ValueError) as error:
        raise _BlindError(f"what it answered is no node list ({error})") from error
