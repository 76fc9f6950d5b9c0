"""What a source of sight is: how it is opened from a lab, and how recordings of it are imported."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, Self

import msgspec

from bmc.model import Credentials, Tls
from harness.errors import UsageError
from harness.journal.facts import SIDES, AnyFact, Body, SightName
from harness.journal.journal import Journal
from harness.lab.access import BmcAccess
from harness.lab.model import IronicAccess, Lab
from harness.sight.lab_pace import LabPace
from harness.sight.own_stalls import OwnStalls

if TYPE_CHECKING:
    # Kubernetes' client takes long to import, and recordings are imported without it.
    from harness.kube.cluster import KubeCluster


class WatchersLimits(msgspec.Struct, frozen=True):
    """How often a lab is looked at, and how long its watchers may take. In a lab faster than real time, intervals shrink with it."""

    bmc_ready_seconds: float = 300.0
    """Until every BMC was looked at once; a slow one takes many seconds for each of a look's requests."""
    ready_seconds: float = 60.0
    """After that, until every other watcher has had its first look."""
    close_seconds: float = 20.0
    """For the proof that a watch missed nothing."""
    bmc_poll_seconds: float = 1.0
    ironic_poll_seconds: float = 0.5
    least_poll_seconds: float = 0.2
    """Lower limit of both, also in fast labs: more polling would disturb the lab."""
    probe_poll_seconds: float = 10.0
    ironic_node_seconds: float = 0.01
    """So much longer is the interval with each node, for every poll lists them all."""
    least_probe_poll_seconds: float = 0.5
    looks_a_second: float = 16.0
    """At all BMCs together; where there are more than can be looked at that often, each is looked at less often."""
    probes_a_second: float = 6.0
    """From one vantage to all targets together. A probe opens up to three connections of its own, and closes them."""
    bmc_answer_seconds: float = 10.0
    least_bmc_answer_seconds: float = 0.5
    """Lower limit in labs faster than real time, where a BMC silent for a whole move is silent for a second or two."""

    def at_speed(self, speed: float, targets: int) -> Self:
        """The limits for a lab of this speed: what is done over and over is done as many times more often.

        `targets`: how many BMCs there are; probing them all again and again must leave the lab time for itself.
        """
        return msgspec.structs.replace(
            self,
            bmc_poll_seconds=max(self.least_poll_seconds, self.bmc_poll_seconds / speed, targets / self.looks_a_second),
            ironic_poll_seconds=max(
                self.least_poll_seconds, self.ironic_poll_seconds / speed, targets * self.ironic_node_seconds
            ),
            probe_poll_seconds=max(
                self.least_probe_poll_seconds, self.probe_poll_seconds / speed, targets / self.probes_a_second
            ),
            bmc_answer_seconds=max(self.least_bmc_answer_seconds, self.bmc_answer_seconds / speed),
        )


class WatchContext(NamedTuple):
    """What is watched; the limits are those of a lab of this speed.

    `stalls` knows when the harness itself stood still, `pace` how far the lab fell behind.
    """

    lab: Lab
    clusters: "dict[str, KubeCluster]"
    bmcs: dict[str, BmcAccess]
    namespace: str
    images: dict[str, str]
    stalls: OwnStalls
    pace: LabPace
    limits: WatchersLimits = WatchersLimits()


class SightWatcher(Protocol):
    """Watches one thing, and records what it sees; `ready` is set after its first look."""

    ready: asyncio.Event

    async def run(self) -> None:
        """Watch until cancelled."""
        ...


class Watch(NamedTuple):
    """A watcher, and the name of what it looks at.

    `final` takes the final look, after `run` has ended; with `ends_itself` while it still goes on, and ends it. `leave` is the same
    where what is looked at ends before the run does, as it should; it is told why.
    """

    name: str
    watcher: SightWatcher
    final: Callable[[], Awaitable[object]]
    ends_itself: bool = False
    leave: Callable[[str], Awaitable[object]] | None = None


class Recording(NamedTuple):
    """How a foreign recording becomes facts: `stem` is the name of its file before `.jsonl`, `sight` what its facts are seen by.

    `converter` makes, for each import anew, what turns a row into a fact and the earliest time of it (in the row's own clock), or
    into None where the row tells nothing. It raises KeyError, TypeError or ValueError for a row that is none.
    """

    stem: str
    sight: SightName
    converter: Callable[[], Callable[[Body], tuple[float, AnyFact] | None]]


class Source(NamedTuple):
    """One source of sight.

    `open` makes its watches of a lab, for as long as they are needed; None for a source that is only ever imported. `begins`: the
    `last` ones begin when those that begin `first` have had their first look.
    """

    open: Callable[[WatchContext, Journal], AbstractAsyncContextManager[Sequence[Watch]]] | None = None
    begins: Literal["first", "at once", "last"] = "at once"
    recording: Recording | None = None


def login(access: IronicAccess) -> Credentials | None:
    """The user and password for an Ironic, None for an open one. Raises UsageError where the reference leads nowhere."""
    try:
        return access.credentials.resolve() if access.credentials else None
    except ValueError as error:
        raise UsageError(f"credentials of the Ironic at {access.url}: {error}") from error


def trust_of(access: IronicAccess) -> Tls:
    """How an Ironic's certificate is trusted: by `tls`, or by `ca`, which says the same as `tls: {ca: ...}`."""
    return Tls(ca=str(access.ca)) if access.ca else access.tls


def owners_of(lab: Lab) -> dict[str, str]:
    """Client names by source address: each Ironic calls from its cluster's vantage."""
    places = {side: getattr(lab.clusters, side).vantage for side in SIDES}
    return {address: f"ironic-{side}" for side, address in places.items() if address}
