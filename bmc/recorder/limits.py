"""How long the recorder waits, and how much it holds: one frozen struct a part, handed to the recorder as a whole."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class RelayLimits:
    """Of the recorder before an IPMI BMC."""

    answer_seconds: float = 10.0
    """How long to wait for an answer; after that the command's outcome is unknown."""
    idle_seconds: float = 180.0
    """A client that was silent for so long is gone: a BMC forgets its session after 60 s (IPMI 2.0 §6.12.15)."""
    clients_max: int = 1024
    """Clients (address and port) at a time; the one idle longest is dropped for a new one."""
    sessions_max: int = 64
    """Sessions of one client that are followed; the oldest is dropped for a new one."""
    queue_packets: int = 256
    """Length of a client's queue; further packets are dropped, as a network may do."""


@dataclass(frozen=True, kw_only=True)
class UpstreamLimits:
    """Of the recorder's connections to a Redfish BMC."""

    connect_seconds: float = 10.0
    answer_seconds: float = 600.0
    """How long the BMC may be silent within one answer; clients give up long before."""
    idle_seconds: float = 15.0
    """How long an unused connection is kept."""
    header_bytes: int = 64 * 1024
    """Length of one line of an answer's head."""
    whole_bytes: int = 1024 * 1024
    """Longer answers are passed on as they come."""


@dataclass(frozen=True, kw_only=True)
class RecorderLimits:
    """Of a whole recorder."""

    close_seconds: float = 1.0
    """How long pending requests may take to end when the recorder stops."""
    keep_alive_seconds: float = 75.0
    """How long a client's unused connection is kept."""
    backlog_connections: int = 128
    """Connections of clients that wait to be accepted."""
    relay: RelayLimits = field(default_factory=RelayLimits)
    upstream: UpstreamLimits = field(default_factory=UpstreamLimits)
