"""All watchers of a run: started together, ready together, ended with a final poll."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import NamedTuple, Protocol

from bmc import protocols
from harness.errors import LabBrokeError, UsageError
from harness.journal.facts import SIDES, Side
from harness.journal.journal import Journal
from harness.kube.client import KubeCluster
from harness.lab.access import BmcAccess
from harness.lab.model import IronicAccess, Lab
from harness.sight.bmc import BmcSight
from harness.sight.event_subscriptions import event_subscriptions
from harness.sight.ironic import IronicSight
from harness.sight.kube.cluster import PIVOT_KINDS, WORKLOAD_KINDS, BodyStore, Kind, KubeSight
from harness.sight.network.probe import BmcTarget, ImageTarget, IronicTarget, ProbeSight, ProbeTarget

READY_SECONDS = 60.0
CLOSE_SECONDS = 20.0
BMC_POLL_SECONDS = 1.0
IRONIC_POLL_SECONDS = 0.5
PROBE_POLL_SECONDS = 10.0
PROBE_SECONDS_MIN = 0.5
BMC_ANSWER_SECONDS = 10.0
BMC_ANSWER_SECONDS_MIN = 0.5
"""Lower limit in labs faster than real time, where a BMC silent for a whole move is silent for a second or two."""

POLL_SECONDS_MIN = 0.2
"""Lower limit of polling intervals, also in fast labs: more polling would disturb the lab."""


class SightSource(Protocol):
    """What every watcher has."""

    ready: asyncio.Event

    async def run(self) -> None:
        """Watch until cancelled."""
        ...


class Polling(SightSource, Protocol):
    """What polling watchers have in addition."""

    async def final(self) -> None:
        """Take the final poll, after `run` has ended."""
        ...


class Watchers:
    """The sights of one lab."""

    def __init__(self) -> None:
        """None yet."""
        self.kube: dict[str, KubeSight] = {}
        self.others: dict[str, Polling] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.cut_watches: dict[str, Callable[[], AbstractAsyncContextManager[None]]] = {}

    @property
    def all(self) -> dict[str, SightSource]:
        """Every sight by what it looks at."""
        return {**{f"cluster {name}": sight for name, sight in self.kube.items()}, **self.others}

    async def wait_for_bmcs(self) -> None:
        """Wait for the BMC watchers.

        They start before the clusters' because a host's promise begins when a cluster first shows it.
        """
        for sight in self.others.values():
            if isinstance(sight, BmcSight):
                await sight.ready.wait()

    async def wait_ready(self) -> None:
        """Wait until every watcher is ready. Raises LabBrokeError naming those that are not."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                for sight in self.all.values():
                    await sight.ready.wait()
        except TimeoutError:
            blind = [self._trouble(name, sight) for name, sight in self.all.items() if not sight.ready.is_set()]
            raise LabBrokeError(f"no first look within {READY_SECONDS:.0f} s at: {'; '.join(blind)}") from None

    def _trouble(self, name: str, sight: SightSource) -> str:
        troubles = getattr(sight, "troubles", {})
        said = ", ".join(f"{kind}: {trouble}" for kind, trouble in list(troubles.items())[:2])
        return f"{name} ({said})" if said else name

    async def close(self) -> None:
        """End all watchers with a final poll or barrier; a watcher that can no longer see records that itself."""
        async with asyncio.TaskGroup() as group:
            for kube in self.kube.values():
                group.create_task(kube.barrier(CLOSE_SECONDS))
            for name, other in self.others.items():
                group.create_task(self._last_look(self.tasks[name], other))

    async def _last_look(self, task: asyncio.Task[None], sight: "Polling") -> None:
        task.cancel()
        await asyncio.wait([task])
        await sight.final()


class WatchContext(NamedTuple):
    """What is watched, and the store of raw bodies."""

    lab: Lab
    clusters: dict[str, KubeCluster]
    bmcs: dict[str, BmcAccess]
    bodies: BodyStore
    namespace: str
    images: dict[str, str]


@asynccontextmanager
async def watching(place: WatchContext, journal: Journal) -> AsyncIterator[Watchers]:
    """Run all watchers of a lab while the block runs."""
    watchers = Watchers()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        add_cluster_watchers(watchers, place, journal)
        subscriptions = await stack.enter_async_context(event_subscriptions(journal, place.lab.events))
        events: list[asyncio.Task[None]] = []
        for access in place.bmcs.values():
            deadline = max(BMC_ANSWER_SECONDS_MIN, BMC_ANSWER_SECONDS / place.lab.speed)
            recorded = bool(place.lab.recorder_before(access.host))
            watcher = protocols.observer(
                access.address, access.credentials, tls=access.tls, deadline_seconds=deadline, recorded=recorded
            )
            stack.push_async_callback(watcher.close)
            sight = BmcSight(
                access.host,
                watcher,
                journal,
                interval_seconds=pace(place.lab, BMC_POLL_SECONDS),
                clients=owners_of(place.lab),
            )
            watchers.others[f"BMC of {access.host}"] = sight
            hearing = subscriptions.subscribe(access, sight.poll_now, deadline_seconds=deadline)
            events.append(group.create_task(hearing, name=f"events of {access.host}"))
        for side in SIDES:
            add_side_watchers(watchers, place, side, journal, stack)
        try:
            watchers.tasks = {name: group.create_task(sight.run(), name=name) for name, sight in watchers.others.items()}
            await watchers.wait_for_bmcs()
            watchers.tasks |= {
                name: group.create_task(sight.run(), name=name)
                for name, sight in watchers.all.items()
                if name not in watchers.tasks
            }
            yield watchers
        finally:
            for task in (*watchers.tasks.values(), *events):
                task.cancel()


def add_cluster_watchers(watchers: Watchers, place: WatchContext, journal: Journal) -> None:
    """Add a watcher for each cluster, and the function that cuts its watches."""
    key = secrets.token_bytes(32)
    for name, cluster in place.clusters.items():
        kinds = WORKLOAD_KINDS if name == "workload" else (*PIVOT_KINDS, *ironic_kinds(place.lab, name))
        watchers.kube[name] = KubeSight(
            cluster,
            name,  # type: ignore[arg-type]
            journal,
            kinds=kinds,
            namespace=place.namespace,
            bodies=place.bodies,
            key=key,
        )
        watchers.cut_watches[name] = cluster.severed


def ironic_kinds(lab: Lab, side: str) -> tuple[Kind, ...]:
    """The Pods of this side's Ironic: they distinguish its absence from a gap in coverage."""
    access: IronicAccess | None = getattr(lab.ironic, side)
    return (Kind("Pod", namespace=access.runs_as.namespace),) if access and access.runs_as else ()


def add_side_watchers(watchers: Watchers, place: WatchContext, side: Side, journal: Journal, stack: AsyncExitStack) -> None:
    """Add watchers for a side's Ironic and for the network from its vantage, if the lab has them."""
    lab: Lab = place.lab
    access: IronicAccess | None = getattr(lab.ironic, side)
    if access is not None:
        sight = IronicSight(
            side, access.url, login(access), journal, interval_seconds=pace(lab, IRONIC_POLL_SECONDS), ca=access.ca
        )
        stack.push_async_callback(sight.close)
        watchers.others[f"Ironic of the {side}"] = sight
    vantage = getattr(lab.clusters, side).vantage
    if vantage:
        interval = max(PROBE_SECONDS_MIN, PROBE_POLL_SECONDS / lab.speed)
        watchers.others[f"network from the {side}"] = ProbeSight(
            side, vantage, targets(place), journal, interval_seconds=interval
        )


def targets(place: WatchContext) -> list[ProbeTarget]:
    """What is probed from each side: every BMC, both Ironics, every image that a host runs."""
    bmcs: list[ProbeTarget] = [BmcTarget(bmc.host, bmc.address, bmc.login, bmc.tls) for bmc in place.bmcs.values()]
    ironics: list[ProbeTarget] = []
    for side in SIDES:
        access: IronicAccess | None = getattr(place.lab.ironic, side)
        if access is not None:
            ironics.append(IronicTarget(side, access.url, login(access), access.ca))
    return [*bmcs, *ironics, *(ImageTarget(url, checksum) for url, checksum in place.images.items())]


def login(access: IronicAccess) -> tuple[str, str] | None:
    """User and password of an Ironic; UsageError where they cannot be had."""
    try:
        credentials = access.credentials.resolve() if access.credentials else None
    except ValueError as error:
        raise UsageError(f"credentials of the Ironic at {access.url}: {error}") from error
    return (credentials.username, credentials.password) if credentials else None


def pace(lab: Lab, seconds: float) -> float:
    """A polling interval in this lab's time, never so short that it disturbs."""
    return max(POLL_SECONDS_MIN, seconds / lab.speed)


def owners_of(lab: Lab) -> dict[str, str]:
    """Client names by source address: each Ironic calls from its cluster's vantage."""
    places = {side: getattr(lab.clusters, side).vantage for side in SIDES}
    return {address: f"ironic-{side}" for side, address in places.items() if address}
