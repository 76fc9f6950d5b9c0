"""One careful HTTP connection to one BMC: read-only, kept alive, one request at a time, and no exception but BmcError."""

import asyncio
import socket
import ssl
from contextlib import nullcontext
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
import msgspec

from bmc.address import Address
from bmc.errors import BmcError
from bmc.model import Credentials, Tls
from bmc.names import USER_AGENT
from bmc.redfish.trust import aiohttp_trust
from bmc.redfish.wire import ROOT, utf8
from bmc.refusals import Trial, TrialLimits

Body = dict[str, Any]

ANSWER_BYTES = 16 * 1024 * 1024
"""Longer answers are not read to their end."""
KEEP_ALIVE_SECONDS = 60.0
REDIRECTS = 3
_REDIRECT_STATUS = frozenset({301, 302, 303, 307, 308})


class RedfishConnection:
    """GET resources of one BMC. Make and use it within one event loop; close it (or use `async with`).

    `deadline_seconds` bounds every single GET, from the connection to the last byte. Nothing is ever sent twice but a GET whose
    idle connection turned out to be closed (RFC 9110 §9.2.2).
    """

    def __init__(
        self,
        address: Address,
        credentials: Credentials | None,
        *,
        tls: Tls,
        deadline_seconds: float,
        trial_limits: TrialLimits | None = None,
    ) -> None:
        self._base = address.base
        self._deadline_seconds = deadline_seconds
        self._one_at_a_time = asyncio.Lock()
        self._trial = Trial(address.base, credentials, trial_limits) if credentials else None
        self._socket: socket.socket | None = None
        self._connected = False
        self._local_address = ""
        connector = aiohttp.TCPConnector(
            limit=1, ssl=aiohttp_trust(tls), keepalive_timeout=KEEP_ALIVE_SECONDS, socket_factory=self._open_socket
        )
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity", "OData-Version": "4.0"}
        if credentials:
            headers["Authorization"] = aiohttp.encode_basic_auth(credentials.username, credentials.password)
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[self._trace()],
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()

    @property
    def local_address(self) -> str:
        """The address that we call from; empty before the first connection."""
        return self._local_address

    async def get(self, path: str, *, is_part: bool = False) -> Body:
        """The JSON object at a path (or an absolute URL of the same service). Raises BmcError.

        `is_part`: something else was just answered to the same credentials, so a refusal of this alone tells nothing of them.
        """
        async with self._one_at_a_time:
            self._connected = False
            try:
                async with asyncio.timeout(self._deadline_seconds), self._trial.alone() if self._trial else nullcontext():
                    status, data = await self._fetch(path)
                    self._tell_trial(path, status, is_part=is_part)
            except TimeoutError:
                raise self._timed_out() from None
            except (aiohttp.ClientError, OSError, ssl.SSLError, ValueError) as error:
                raise self._failed(error) from error
        return _body(path, status, data)

    def _tell_trial(self, path: str, status: int, *, is_part: bool) -> None:
        """Report to the trial whether an answer accepts our credentials; the service root needs none (DSP0266 §13.3.2.2)."""
        if self._trial and status == 401 and not is_part:
            self._trial.refused()
        elif self._trial and status == 200 and path.rstrip("/") not in ("/redfish", ROOT):
            self._trial.accepted()

    async def _fetch(self, path: str) -> tuple[int, bytes]:
        for _ in range(REDIRECTS):
            async with self._session.get(self._url(path), allow_redirects=False) as response:
                if response.status not in _REDIRECT_STATUS or "Location" not in response.headers:
                    return response.status, await _read(response)
                path = urljoin(path, response.headers["Location"])
        raise BmcError(kind="status", blame="bmc", says=f"GET {path} is answered with redirects only")

    def _url(self, path: str) -> str:
        """The URL of a path. Raises BmcError if it names another service, which must not get our credentials."""
        url = urljoin(self._base, path)
        if urlsplit(url)[:2] != urlsplit(self._base)[:2]:
            raise BmcError(kind="content", blame="bmc", says=f"the BMC points to another service, {urlsplit(url).netloc}")
        return url

    def _open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol = info[:3]
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        return self._socket

    def _trace(self) -> aiohttp.TraceConfig:
        async def connected(*_: object) -> None:
            self._connected = True
            if self._socket is not None and self._socket.fileno() >= 0:
                self._local_address = self._socket.getsockname()[0]

        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(connected)
        trace.on_connection_reuseconn.append(connected)
        return trace

    def _timed_out(self) -> BmcError:
        limit = f"within {self._deadline_seconds:g} s"
        if self._connected:
            return BmcError(kind="timeout", blame="bmc", says=f"the BMC accepted the connection and did not answer {limit}")
        return BmcError(kind="timeout", blame="network", says=f"no connection to {self._base} {limit}")

    def _failed(self, error: Exception) -> BmcError:
        if isinstance(error, aiohttp.ServerFingerprintMismatch):
            return BmcError(kind="tls", blame="bmc", says="the BMC's certificate is not the pinned one")
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            says = f"the BMC's certificate is not trusted ({error.certificate_error}); pin it, or name its authority"
            return BmcError(kind="tls", blame="us", says=says)
        if isinstance(error, (aiohttp.ClientConnectorSSLError, ssl.SSLError)):
            return BmcError(kind="tls", blame="bmc", says=f"no TLS connection to {self._base} ({error})")
        if isinstance(error, (aiohttp.ClientResponseError, aiohttp.InvalidURL)):
            return BmcError(kind="content", blame="bmc", says=f"the BMC does not speak proper HTTP ({type(error).__name__})")
        if not self._connected:
            return BmcError(kind="unreachable", blame="network", says=f"no connection to {self._base} ({error})")
        return BmcError(kind="dropped", blame="network", says=f"the connection broke off ({type(error).__name__})")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_any():
        data += chunk
        if len(data) > ANSWER_BYTES:
            response.close()
            raise BmcError(kind="content", blame="bmc", says=f"the answer is longer than {ANSWER_BYTES} bytes")
    return bytes(data)


def _body(path: str, status: int, data: bytes) -> Body:
    if status == 401:
        raise BmcError(kind="auth", blame="us", says=f"GET {path} is answered 401: the credentials are not accepted")
    if status == 403:
        says = f"GET {path} is answered 403: the BMC does not show this to our user (for want of a right, or of a licence)"
        raise BmcError(kind="forbidden", blame="us", says=says)
    if status == 404:
        raise BmcError(kind="missing", blame="us", says=f"GET {path} is answered 404: the BMC has no such resource")
    if status in (429, 503):
        raise BmcError(kind="busy", blame="bmc", says=f"GET {path} is answered {status}: not now")
    if status != 200:
        raise BmcError(kind="status", blame="bmc", says=f"GET {path} is answered {status}")
    try:
        body = msgspec.json.decode(utf8(data))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BmcError(kind="content", blame="bmc", says=f"GET {path} is answered with broken JSON ({error})") from error
    if not isinstance(body, dict):
        raise BmcError(kind="content", blame="bmc", says=f"GET {path} is not answered with a JSON object")
    return body
