"""The types of Kubernetes' CEL libraries that JSON does not have: quantities, durations, times, URLs, addresses, versions, optionals."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import total_ordering
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from harness.emulated.apiserver.kinds.formats import is_uri

_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


def duration(text: str) -> timedelta:
    """A span as Go writes it, `1h30m`; raises ValueError."""
    plain = text.lstrip("+-")
    parts = _DURATION.findall(plain)
    if plain != "0" and (not plain or "".join(number + unit for number, unit in parts) != plain):
        raise ValueError(f'time: invalid duration "{text}"')
    span = timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))
    return -span if text.startswith("-") else span


def timestamp(text: str) -> datetime:
    """A moment; raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def url(text: str) -> SplitResult:
    """An absolute URL or path; raises ValueError."""
    if not is_uri(text):
        raise ValueError(f'URL parse error during conversion from string: parse "{text}": invalid URI for request')
    return urlsplit(text)


URL_PARTS: dict[str, Any] = {
    "getScheme": lambda each: each.scheme,
    "getHost": lambda each: each.netloc.rpartition("@")[2],
    "getHostname": lambda each: each.hostname or "",
    "getPort": lambda each: str(each.port or ""),
    "getEscapedPath": lambda each: each.path,
    "getQuery": lambda each: parse_qs(each.query, keep_blank_values=True),
}


def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IP address; raises ValueError."""
    found = ipaddress.ip_address(text)
    if found.version == 6 and (found.scope_id or found.ipv4_mapped):
        raise ValueError(f'IP Address "{text}" parse error during conversion from string')
    return found


def network(text: str) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    """An address with the length of its network's prefix; raises ValueError."""
    if "/" not in text:
        raise ValueError(f"network address parse error during conversion from string: netip.ParsePrefix({text!r}): no '/'")
    return ipaddress.ip_interface(text)


@total_ordering
@dataclass(frozen=True)
class Semver:
    """A semantic version; one of a release comes after its pre-releases."""

    major: int
    minor: int
    patch: int
    before: str

    def __lt__(self, other: "Semver") -> bool:
        return self._rank() < other._rank()

    def _rank(self) -> tuple[Any, ...]:
        parts = [(0, int(each), "") if each.isdigit() else (1, 0, each) for each in self.before.split(".") if each]
        return (self.major, self.minor, self.patch, not self.before, parts)


def semver(text: str) -> Semver:
    """A version; raises ValueError."""
    if not (found := _SEMVER.fullmatch(text)):
        raise ValueError(f"No Major.Minor.Patch elements found in {text}")
    major, minor, patch, before = found.groups()
    return Semver(int(major), int(minor), int(patch), before or "")


@dataclass(frozen=True)
class Optional:
    """A value that may be absent."""

    held: Any = None
    there: bool = False
