"""What can go wrong between us and an API server, in words that name the cluster, its address and the cure."""

import email.utils
import http
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import aiohttp
import msgspec

EXCERPT_CHARACTERS = 200


class ClusterEndpoint(NamedTuple):
    """Which API server an error speaks of; `address` is empty where the kubeconfig did not tell.

    `verifies`: a certificate proves who answers there.
    """

    cluster: str
    kubeconfig: Path
    address: str = ""
    verifies: bool = True

    def __str__(self) -> str:
        return f"cluster {self.cluster} ({self.address})" if self.address else f"cluster {self.cluster}"


class ClusterError(Exception):
    """An API server could not be asked, or answered something else than asked for.

    `status`: its HTTP status, 0 where there was no answer; for an ERROR event of a watch the code of that event.
    `reason`: the `reason` of its Status (`NotFound`, `Conflict`, `Expired`, ...), empty where it sent none.
    `retry_after_seconds`: how long it asked us to wait, 0 where it did not.
    """

    def __init__(
        self, place: ClusterEndpoint, says: str, *, status: int = 0, reason: str = "", retry_after_seconds: float = 0.0
    ) -> None:
        super().__init__(f"{place}: {says}")
        self.place = place
        self.says = says
        self.status = status
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class NotThereError(ClusterError):
    """A cluster that comes into being later, or has gone as it should: nobody is there, and so is nothing.

    `is_unreached`: there is a kubeconfig, and who it names never answered.
    """

    def __init__(self, place: ClusterEndpoint, says: str, *, is_unreached: bool = False) -> None:
        super().__init__(place, says)
        self.is_unreached = is_unreached


class Status(msgspec.Struct):
    """`metav1.Status`, as far as it explains a refusal."""

    message: str | None = None
    reason: str | None = None
    code: int | None = None


_status_decoder = msgspec.json.Decoder(Status)


def refusal(place: ClusterEndpoint, asked: str, response: aiohttp.ClientResponse, body: bytes) -> ClusterError:
    """The error for an answer that is no success; `asked` is method and path, `body` what was answered."""
    status, headers = response.status, response.headers
    told = _status_of(body, headers.get("Content-Type", ""))
    said = f"answered {asked} with {status} {_phrase(status)}" + (f": {told.message}" if told.message else "")
    cure = _cure(status, place.kubeconfig)
    says = f"{said}; {cure}" if cure else said
    return ClusterError(place, says, status=status, reason=told.reason or "", retry_after_seconds=_seconds(headers))


def unreached(place: ClusterEndpoint, asked: str, error: Exception) -> ClusterError:
    """The error for a request that met no answer: refused, reset, unknown name, untrusted certificate."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        says = f"its certificate is not trusted ({error.certificate_error}); correct certificate-authority in {place.kubeconfig}"
    elif isinstance(error, aiohttp.ClientSSLError):
        says = f"TLS failed ({error}); correct server address and client certificate in {place.kubeconfig}"
    elif isinstance(error, aiohttp.ClientConnectorError):
        says = f"cannot be reached ({error.os_error.strerror or error.os_error}); is the API server up, and the address right?"
    else:
        says = f"the connection broke during {asked} ({type(error).__name__}: {error})"
    return ClusterError(place, says)


def silent(place: ClusterEndpoint, asked: str, seconds: float) -> ClusterError:
    """The error for a server that took the request and said nothing in time."""
    return ClusterError(place, f"did not answer {asked} within {seconds:g} s; is the API server overloaded or cut off?")


def _status_of(body: bytes, content_type: str) -> Status:
    """What the server said about its refusal: its Status, or the beginning of whatever came instead."""
    try:
        return _status_decoder.decode(body)
    except ValueError:
        text = " ".join(body[: EXCERPT_CHARACTERS * 4].decode(errors="replace").split())[:EXCERPT_CHARACTERS]
        return Status(message=f"{text} ({content_type})" if "html" in content_type else text)


def _cure(status: int, kubeconfig: Path) -> str:
    match status:
        case 401:
            return f"renew the credentials in {kubeconfig}"
        case 403:
            return f"give the user of {kubeconfig} that right"
        case _:
            return ""


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def _seconds(headers: Mapping[str, str]) -> float:
    """Retry-After in seconds: RFC 9110 allows a number or a date."""
    value = headers.get("Retry-After", "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return 0.0
