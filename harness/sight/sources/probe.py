"""The network as each side sees it that has a vantage: every BMC, both Ironics, every image that a host runs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from harness.journal.facts import SIDES
from harness.journal.journal import Journal
from harness.lab.model import IronicAccess
from harness.sight.network.probe import ProbeSight
from harness.sight.network.target import BmcTarget, ImageTarget, IronicTarget, ProbeTarget
from harness.sight.source import Source, Watch, WatchContext, login, trust_of


@asynccontextmanager
async def _opened(context: WatchContext, journal: Journal) -> AsyncIterator[Sequence[Watch]]:
    """A watcher for each vantage."""
    watches: list[Watch] = []
    for side in SIDES:
        vantage = getattr(context.lab.clusters, side).vantage
        if vantage:
            interval = context.limits.probe_poll_seconds
            sight = ProbeSight(side, vantage, _targets(context), journal, interval_seconds=interval, pace=context.pace)
            watches.append(Watch(f"network from the {side}", sight, sight.final))
    yield watches


def _targets(context: WatchContext) -> list[ProbeTarget]:
    """What is probed from each side: every BMC, both Ironics, every image that a host runs."""
    bmcs: list[ProbeTarget] = [BmcTarget(bmc.host, bmc.address, bmc.credentials, bmc.tls) for bmc in context.bmcs.values()]
    ironics: list[ProbeTarget] = []
    for side in SIDES:
        access: IronicAccess | None = getattr(context.lab.ironic, side)
        if access is not None:
            ironics.append(IronicTarget(side, access.url, login(access), trust_of(access)))
    return [*bmcs, *ironics, *(ImageTarget(url, checksum, context.lab.images.tls) for url, checksum in context.images.items())]


SOURCE = Source(_opened)
