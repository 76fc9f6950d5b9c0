"""One received request, its body read up to BODY_BYTES, described for the log and the faults."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from aiohttp.web import BaseRequest
from multidict import CIMultiDict

from bmc.recorder.clients import TOKEN_HEADER, ClientLogin, ClientNames, SessionUsers, named, opens_session
from bmc.recorder.faults import RequestFacts
from bmc.recorder.log.records import READING, RequestRecord
from bmc.recorder.masking import REQUEST_HEADERS, masked_body, masked_headers, masked_query, secrets_of

BODY_BYTES = 256 * 1024
"""Longer bodies (firmware) are passed on as they come, and not written down."""

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that concern one connection only (RFC 9110 §7.6.1)."""

_NOT_PASSED_ON = HOP_BY_HOP | {"host", "content-length", "content-encoding", "expect"}
"""Also not forwarded: the length and encoding of a body that we unpacked, and headers of the client's connection."""


class Exchange:
    """One request and what is known of it; `sent` is True from just before it goes out to the BMC."""

    def __init__(self, request: BaseRequest, head: bytes, *, whole: bool) -> None:
        self.request = request
        self.method = request.method
        self.path = request.path
        self.sent = False
        self.number = 0
        self.head = head
        self.whole = whole
        self.named: ClientLogin = ClientLogin("none", "", ())
        self.client = ""

    @property
    def changes(self) -> bool:
        """Could it change something?"""
        return self.method not in READING

    @property
    def secrets(self) -> list[str]:
        """Secrets of the request, to be masked in the recorded answer."""
        return [*self.named.secrets, *(secrets_of(self.head) if self.whole else ())]

    def headers(self, *, plain: bool) -> CIMultiDict[str]:
        """The headers to pass on; `plain`: the answer must not be compressed, because it is read on the way."""
        passed = CIMultiDict(self.request.headers)
        for name in _NOT_PASSED_ON:
            passed.popall(name, None)
        if plain:
            passed["Accept-Encoding"] = "identity"
        return passed

    def data(self) -> bytes | AsyncIterator[bytes] | None:
        """The body to pass on."""
        return (self.head or None) if self.whole else self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield self.head
        async for piece in self.request.content.iter_any():
            yield piece

    def asked(self, bmc: str, time: str, askers: ClientNames, sessions: SessionUsers) -> RequestRecord:
        """The request's line in the log; also identifies the client."""
        request = self.request
        agent = request.headers.get("User-Agent", "")
        address = request.remote or ""
        self.named = named(request.headers, self._body_user(), sessions)
        self.client, by = askers.name(address, self.named.user, agent)
        return RequestRecord(
            bmc=bmc,
            time=time,
            request=self.number,
            address=address,
            client=self.client,
            by=by,
            user_agent=agent,
            user=self.named.user,
            login=self.named.login,
            method=self.method,
            path=self.path,
            query=masked_query(request.rel_url.raw_query_string) if request.rel_url.raw_query_string else "",
            headers=masked_headers(request.headers, REQUEST_HEADERS),
            body=masked_body(self.head) if self.whole and self.head else "",
            bytes=len(self.head) if self.whole else -1,
        )

    def question(self, asked: RequestRecord, sessions: SessionUsers) -> RequestFacts:
        """What faults need to know of it."""
        token = self.request.headers.get(TOKEN_HEADER, "")
        return RequestFacts(
            method=self.method,
            path=self.path,
            client=asked.client,
            address=asked.address,
            user_agent=asked.user_agent,
            token=sessions.known(token) if token else "",
            conditional="If-Match" in self.request.headers,
        )

    def _body_user(self) -> str:
        if not opens_session(self.method, self.path):
            return ""
        name = _members(self.head).get("UserName")
        return name if isinstance(name, str) else ""


async def received(request: BaseRequest) -> Exchange:
    """Read a request as far as it is kept."""
    head = bytearray()
    if request.body_exists:
        while len(head) <= BODY_BYTES:
            piece = await request.content.readany()
            if not piece:
                break
            head += piece
        return Exchange(request, bytes(head), whole=request.content.at_eof())
    return Exchange(request, b"", whole=True)


def _members(data: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
