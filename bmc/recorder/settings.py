"""A recorder's settings: its BMCs, how their certificates are verified, and the clients it knows."""

import ipaddress
import re
import socket
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from bmc.address import parse_ipmi_address
from bmc.credentials import CredentialsReference
from bmc.errors import BmcError
from bmc.model import Tls

HERE = "here"


class RecorderSettingsError(Exception):
    """Settings that cannot be used; the text names what is wrong and the cure."""


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a BMC's certificate is trusted: by the system's authorities, or a file of `ca`, a `pin`, or not at all for a reason."""

    ca: str = ""
    pin: str = ""
    insecure: str = ""
    """Why any certificate is accepted; empty: certificates are verified."""

    @property
    def tls(self) -> Tls:
        """The same as a bmc.model.Tls."""
        return Tls(ca=self.ca, pin=self.pin, insecure=bool(self.insecure))


class BmcSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One server's BMC: `listen` (`ADDRESS:PORT`) is where clients send requests, `to` the BMC's own address.

    Give each server a listening address of its own, also where several are behind one service: its record is that of one server.
    `certificate` and `key` (PEM files) make the listening side https. `name`: default is `listen`. `users`, for IPMI only: where the
    credentials of those are who ask (`env:NAME`, `file:PATH`); the sessions of others cannot be read. `events`, for Redfish only: how the
    BMC reaches the recorder, as `http://10.0.0.5:8001`, or `here` where it reaches `listen`; events that it pushes then come through it.
    """

    listen: str
    to: str
    name: str = ""
    trust: Trust = Trust()
    certificate: str = ""
    key: str = ""
    users: tuple[str, ...] = ()
    events: str = ""

    @property
    def is_ipmi(self) -> bool:
        """Does the BMC speak IPMI?"""
        return self.to.startswith("ipmi://")

    @property
    def place(self) -> tuple[str, int]:
        """Address and port to listen at; RecorderSettingsError where `listen` is neither."""
        return parse_listen_address(self.listen)

    @property
    def base(self) -> str:
        """Scheme and authority of the BMC; RecorderSettingsError where `to` is none, or has settings of the other protocol."""
        if self.is_ipmi:
            return self._ipmi_base()
        if self.users:
            raise RecorderSettingsError("credentials are needed for IPMI only; who asks over Redfish brings them")
        parts = urlsplit(self.to)
        if parts.username is not None:
            raise RecorderSettingsError(f"the BMC at {parts.hostname} must be named without credentials; its askers bring them")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RecorderSettingsError(f"{self.to!r} is no BMC; write http://ADDRESS:PORT, https://ADDRESS or ipmi://ADDRESS")
        if parts.path.strip("/") or parts.query:
            raise RecorderSettingsError(f"{self.to!r} has a path; name the service only, as {parts.scheme}://{parts.netloc}")
        if self.events not in ("", HERE) and urlsplit(self.events).scheme not in ("http", "https"):
            raise RecorderSettingsError(
                f"{self.events!r} is no place where the BMC reaches this recorder; write `here` or http://ADDRESS:PORT"
            )
        return f"{parts.scheme}://{parts.netloc}"

    def passwords(self) -> dict[str, str]:
        """The users whose sessions can be read, and their passwords; RecorderSettingsError where they cannot be had."""
        try:
            found = [reference(text).resolve() for text in self.users]
        except ValueError as error:
            raise RecorderSettingsError(str(error)) from error
        return {each.username: each.password for each in found}

    def _ipmi_base(self) -> str:
        if self.certificate or self.key or self.trust != Trust():
            raise RecorderSettingsError("IPMI knows no certificates; leave them out")
        if self.events:
            raise RecorderSettingsError("IPMI pushes no events; leave `events` out")
        try:
            parsed = parse_ipmi_address(self.to)
        except BmcError as error:
            raise RecorderSettingsError(f"{self.to!r} is no BMC: {error.says}") from error
        return f"ipmi://{parsed.host}:{parsed.port}"


class RecorderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole recorder. `askers`: rules like `ironic-source=address:172.22.0.2` (see bmc.recorder.clients)."""

    bmcs: tuple[BmcSettings, ...]
    log: str
    control: str = ""
    askers: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True):
    """One way to identify a client: its source address, its user, or its User-Agent."""

    name: str
    by: Literal["address", "user", "agent"]
    what: str

    def fits(self, address: str, user: str, agent: str) -> bool:
        """Does the rule match this client? An address may be a network; an agent is a regular expression."""
        if self.by == "user":
            return user == self.what
        if self.by == "agent":
            return re.search(self.what, agent) is not None
        try:
            return ipaddress.ip_address(address) in ipaddress.ip_network(self.what)
        except ValueError:
            return False


def read_settings(path: Path) -> RecorderSettings:
    """The settings in a JSON file; RecorderSettingsError with what is wrong in it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=RecorderSettings)
    except OSError as error:
        raise RecorderSettingsError(f"{path}: the settings cannot be read ({error.strerror})") from error
    except msgspec.DecodeError as error:
        raise RecorderSettingsError(f"{path}: {error}") from error


def parse_listen_address(text: str) -> tuple[str, int]:
    """The address and the port of `ADDRESS:PORT` or `[ADDRESS]:PORT`; RecorderSettingsError otherwise."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(host)), int(port)
    except ValueError as error:
        raise RecorderSettingsError(f"{text!r} is no place to listen; write ADDRESS:PORT, as 127.0.0.1:8443") from error


def bind(address: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    """A socket bound to a place, which does not listen yet; OSError where that is taken."""
    bound = socket.socket(socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET, kind)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setblocking(False)
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    return bound


def place_of(bound: socket.socket) -> str:
    """`ADDRESS:PORT` of a bound socket, `[ADDRESS]:PORT` for IPv6."""
    address, port = bound.getsockname()[:2]
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def reference(text: str) -> CredentialsReference:
    """The reference `env:NAME` or `file:PATH`; RecorderSettingsError otherwise, which does not repeat what may be a secret."""
    kind, _, name = text.partition(":")
    if kind not in ("env", "file") or not name:
        raise RecorderSettingsError("credentials stand by reference only: env:NAME or file:PATH; never write them here")
    return CredentialsReference("env" if kind == "env" else "file", name)


def control_place(text: str) -> tuple[str, int]:
    """Where the control listens; RecorderSettingsError where others than this machine could reach it."""
    address, port = parse_listen_address(text)
    if not ipaddress.ip_address(address).is_loopback:
        raise RecorderSettingsError(
            f"the control would listen at {address}; whoever reaches it can break BMCs, so only loopback will do"
        )
    return address, port


def rule(text: str) -> Rule:
    """The rule of `NAME=address:IP`, `NAME=user:NAME` or `NAME=agent:REGEX`; RecorderSettingsError otherwise."""
    name, _, how = text.partition("=")
    by, _, what = how.partition(":")
    try:
        made = msgspec.convert({"name": name, "by": by, "what": what}, Rule)
        if not (name and what):
            raise ValueError("a part is empty")
        if made.by == "address":
            ipaddress.ip_network(what)
        if made.by == "agent":
            re.compile(what)
    except (ValueError, re.error) as error:
        cause = f"{text!r} is no rule ({error}); write NAME=address:IP, NAME=user:USER or NAME=agent:REGEX"
        raise RecorderSettingsError(cause) from error
    return made
