"""What a probe goes to, and the steps it takes there: each step names the layer it proves."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

import aiohttp
import msgspec

from bmc.address import is_ipmi, parse_address, parse_ipmi_address
from bmc.errors import BmcError
from bmc.model import Credentials, Tls
from bmc.redfish.trust import aiohttp_trust
from bmc.redfish.wire import SYSTEMS, linked, no_system, utf8, which_system
from bmc.refusals import Trial
from harness.journal.facts import Layer, ProbeSeen, Side
from harness.sight.network import ping as probe_ping

TlsTrust = ssl.SSLContext | aiohttp.Fingerprint | bool


class ProbeFailedError(Exception):
    """A probe failed at `layer`."""

    def __init__(self, layer: Layer, says: str) -> None:
        super().__init__(says)
        self.layer: Layer = layer
        self.says = says


@dataclass(frozen=True)
class ProbeResponse:
    """The HTTP response to one probe request."""

    status: int
    content: bytes
    headers: dict[str, str]

    def need(self, *wanted: int, layer: Layer = "http") -> None:
        """ProbeFailedError at this layer unless the status is one of these."""
        if self.status not in wanted:
            raise ProbeFailedError(layer, f"it answered {self.status}")

    def document(self, layer: Layer = "http") -> dict[str, Any]:
        """The JSON object that was answered; ProbeFailedError where it is none."""
        try:
            return msgspec.json.decode(utf8(self.content), type=dict[str, Any])
        except (msgspec.DecodeError, ValueError):
            raise ProbeFailedError(layer, "what it answered is not a JSON object") from None


@dataclass(frozen=True)
class Vantage:
    """Where probes start: side, local address, the HTTP client bound to it, and the timeout of one request."""

    side: Side
    local_address: str
    session: aiohttp.ClientSession
    answer_seconds: float

    async def ask(self, method: str, url: str, *, trust: TlsTrust, credentials: Credentials | None = None) -> ProbeResponse:
        """One request; ProbeFailedError with the layer at which it failed."""
        headers = {"Authorization": aiohttp.encode_basic_auth(credentials.username, credentials.password)} if credentials else {}
        limit = aiohttp.ClientTimeout(
            total=2 * self.answer_seconds, sock_connect=self.answer_seconds, sock_read=self.answer_seconds
        )
        try:
            async with self.session.request(method, url, headers=headers, ssl=trust, timeout=limit) as answer:
                return ProbeResponse(answer.status, await answer.read(), dict(answer.headers))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _stopped(error, self.answer_seconds) from error


class ProbeTarget(Protocol):
    """Something that can be probed."""

    async def probe(self, vantage: Vantage) -> ProbeSeen:
        """Probe it once; never raises for what is met on the wire."""
        ...


async def _taken(vantage: Vantage, seen: ProbeSeen, steps: Callable[[Vantage], Awaitable[None]], layer: Layer) -> ProbeSeen:
    """The fact of a probe that reached `layer`, or of the layer at which it failed."""
    try:
        await steps(vantage)
    except ProbeFailedError as stopped:
        return msgspec.structs.replace(seen, layer=stopped.layer, says=stopped.says)
    except BmcError as error:
        return msgspec.structs.replace(seen, says=error.says)
    return msgspec.structs.replace(seen, ok=True, layer=layer)


@dataclass(frozen=True)
class BmcTarget:
    """One host's BMC: does the service answer, and does it show the System to these credentials?

    `address` is as in a BareMetalHost; of an IPMI one only presence is probed, layer `tcp`.
    """

    host: str
    address: str
    credentials: Credentials | None = field(default=None, repr=False)
    tls: Tls = field(default_factory=Tls)

    async def probe(self, vantage: Vantage) -> ProbeSeen:
        """GET /redfish/v1/ without, then the System with credentials; is it one?"""
        seen = ProbeSeen(vantage=vantage.side, what="bmc", address=self.address, ok=False, layer="tcp", host=self.host)
        if is_ipmi(self.address):
            return await _taken(vantage, seen, self._ping, "tcp")
        return await _taken(vantage, seen, self._steps, "content" if self.credentials else "http")

    async def _ping(self, vantage: Vantage) -> None:
        bmc, limit = parse_ipmi_address(self.address), vantage.answer_seconds
        try:
            if await probe_ping.is_present(bmc.host, bmc.port, local_address=vantage.local_address, seconds=limit):
                return
        except OSError as error:
            raise ProbeFailedError("tcp", f"it cannot be reached ({error.strerror})") from error
        raise ProbeFailedError("tcp", f"no answer to an RMCP ping within {limit:g} s")

    async def _steps(self, vantage: Vantage) -> None:
        address, trust = parse_address(self.address), aiohttp_trust(self.tls)
        root = await vantage.ask("GET", f"{address.base}/redfish/v1/", trust=trust)
        root.need(HTTPStatus.OK)
        if "RedfishVersion" not in root.document():
            raise ProbeFailedError("http", "what answers there is no Redfish service")
        if self.credentials is None:
            return
        path = address.system or _only(await self._systems(vantage))
        if wrong := no_system(path, await self._shown(vantage, path)):
            raise ProbeFailedError("content", f"{wrong}; {which_system(await self._systems(vantage))}")

    async def _systems(self, vantage: Vantage) -> list[str]:
        """The paths of all systems that it shows."""
        return linked((await self._shown(vantage, SYSTEMS)).get("Members"))

    async def _shown(self, vantage: Vantage, path: str) -> dict[str, Any]:
        """A resource, with the credentials; ProbeFailedError where the BMC does not show it to them."""
        address, trust = parse_address(self.address), aiohttp_trust(self.tls)
        trial = Trial(address.base, self.credentials or Credentials("", ""))
        try:
            async with trial.alone():
                answer = await vantage.ask("GET", address.base + path, trust=trust, credentials=self.credentials)
                _count_answer(trial, answer.status)
        except BmcError as error:
            raise ProbeFailedError("auth", error.says) from error
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise ProbeFailedError("auth", "it refuses the credentials (401)")
        if answer.status == HTTPStatus.FORBIDDEN:
            raise ProbeFailedError("auth", f"it takes the credentials, and does not show {path} to this user (403)")
        answer.need(HTTPStatus.OK, layer="content")
        return answer.document("content")


def _only(paths: list[str]) -> str:
    """The only system; ProbeFailedError where there are others, or none."""
    if len(paths) != 1:
        raise ProbeFailedError("content", f"it has {len(paths)} systems; {which_system(paths)}")
    return paths[0]


def _count_answer(trial: Trial, status: int) -> None:
    if status == HTTPStatus.UNAUTHORIZED:
        trial.refused()
    elif status == HTTPStatus.OK:
        trial.accepted()


@dataclass(frozen=True)
class IronicTarget:
    """One side's Ironic: does it ask for credentials, take ours, and has it a conductor?"""

    side: Side
    url: str
    credentials: Credentials | None = field(default=None, repr=False)
    tls: Tls = field(default_factory=Tls)

    async def probe(self, vantage: Vantage) -> ProbeSeen:
        """GET /v1/nodes without and with credentials, /v1/drivers."""
        seen = ProbeSeen(vantage=vantage.side, what="ironic", address=self.url, ok=False, layer="tcp", ironic=self.side)
        return await _taken(vantage, seen, self._steps, "content")

    async def _steps(self, vantage: Vantage) -> None:
        url = self.url.rstrip("/")
        trust = aiohttp_trust(self.tls)
        stranger = await vantage.ask("GET", f"{url}/v1/nodes?limit=1", trust=trust)
        stranger.need(HTTPStatus.OK, HTTPStatus.UNAUTHORIZED)
        if self.credentials:
            if stranger.status == HTTPStatus.OK:
                raise ProbeFailedError("auth", "it shows its nodes to everybody, without credentials")
            known = await vantage.ask("GET", f"{url}/v1/nodes?limit=1", trust=trust, credentials=self.credentials)
            known.need(HTTPStatus.OK, layer="auth")
        elif stranger.status == HTTPStatus.UNAUTHORIZED:
            raise ProbeFailedError("auth", "it asks for credentials, and the lab file names none")
        drivers = await vantage.ask("GET", f"{url}/v1/drivers", trust=trust, credentials=self.credentials)
        drivers.need(HTTPStatus.OK, layer="content")
        if not drivers.document("content").get("drivers"):
            raise ProbeFailedError("content", "no conductor is alive: its list of drivers is empty")


@dataclass(frozen=True)
class ImageTarget:
    """An image that hosts are written with; empty `checksum`: there is no such URL."""

    url: str
    checksum_url: str = ""
    tls: Tls = field(default_factory=Tls)

    async def probe(self, vantage: Vantage) -> ProbeSeen:
        """HEAD of the image, GET of its checksum."""
        seen = ProbeSeen(vantage=vantage.side, what="image", address=self.url, ok=False, layer="tcp")
        return await _taken(vantage, seen, self._steps, "content")

    async def _steps(self, vantage: Vantage) -> None:
        trust = aiohttp_trust(self.tls)
        image = await vantage.ask("HEAD", self.url, trust=trust)
        image.need(HTTPStatus.OK, layer="content")
        if image.headers.get("Content-Length") == "0":
            raise ProbeFailedError("content", "the image is empty")
        if self.checksum_url:
            checksum = await vantage.ask("GET", self.checksum_url, trust=trust)
            checksum.need(HTTPStatus.OK, layer="content")
            if not checksum.content.strip():
                raise ProbeFailedError("content", "the checksum file is empty")


def _stopped(error: Exception, seconds: float) -> ProbeFailedError:
    """The layer at which a request failed."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ProbeFailedError("tcp", f"no connection within {seconds:g} s")
    if isinstance(error, TimeoutError):
        return ProbeFailedError("http", f"no answer within {seconds:g} s")
    if isinstance(error, (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch)):
        return ProbeFailedError("tls", f"its certificate is not trusted, or there is no TLS ({type(error).__name__})")
    if isinstance(error, aiohttp.ClientConnectorError):
        return ProbeFailedError("tcp", f"it cannot be reached ({error.os_error.strerror or error.os_error})")
    return ProbeFailedError("http", f"the connection broke off, or it does not speak HTTP ({type(error).__name__})")
