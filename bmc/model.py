"""What is known of a BMC, whichever protocol told it: values only."""

from dataclasses import dataclass, field

import msgspec

from bmc.masking.text import learn


class Credentials(msgspec.Struct, frozen=True):
    """A user and a password; neither shows in a repr, and from now on the password in no masked text."""

    username: str
    password: str

    def __post_init__(self) -> None:
        """Whoever holds credentials may meet them again in what others say."""
        learn(self.password, self.username)

    def __repr__(self) -> str:
        return "Credentials(...)"


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """How a server's certificate is trusted.

    By default by the system's authorities and its host name; `ca`: a file of authorities instead; `pin`: exactly the certificate
    whose DER form has this digest, as `sha256:` and 64 hex digits (colons between them are allowed); `insecure`: any certificate, for
    a `reason` that is told to whoever asks.
    """

    ca: str = ""
    pin: str = ""
    insecure: bool = False
    reason: str = ""


MANAGER, MEDIA, BOOT = "manager", "media", "boot"
"""Parts of a reading, by the names under which they are told as unseen; one device of several is `media Cd`."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading of a server's BMC.

    `power`: `On`, `Off`, `PoweringOn`, `PoweringOff`, None where the BMC does not say. `boot`: `target`, `enabled`, `mode`, as
    far as offered. `media`: device -> image URL, empty when nothing is inserted. `signals`: evidence of resets by name (see
    bmc.witness); what is not offered, or is a vendor's empty value, is absent. `bmc_time`: the BMC's own clock, as it writes it.
    `unseen`: the parts that could not be read this time -> what the BMC said instead.
    """

    power: str | None = None
    boot: dict[str, str] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)
    signals: dict[str, str] = field(default_factory=dict)
    bmc_time: str = ""
    family: str = ""
    unseen: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RequestEntry:
    """One entry of a BMC's log of requests."""

    id: int
    created: str
    address: str
    user_agent: str
    user: str
    method: str
    path: str
    status: int
    body: str


@dataclass(frozen=True)
class RequestsRead:
    """Entries added to a log of requests since the last read.

    `complete`: the ids continue without a gap from the last known entry; otherwise `says` states what was found, and `entries`
    are all entries of the log now.
    """

    entries: tuple[RequestEntry, ...]
    complete: bool = True
    says: str = ""
