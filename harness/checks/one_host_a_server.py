"""One server has one host: no other living, un-paused BareMetalHost, in either cluster, has its BMC's address or its boot MAC.

Two hosts of one server command it both, each as it likes: what is done to one is done to the other.
"""

from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.world.bmc.servers import bmc_of, others_of
from harness.world.changes.authors import author
from harness.world.horizon import not_seen_whole
from harness.world.hosts import Host, promised
from harness.world.world import World

ORDER = 54


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host."""
    for host in promised(world):
        yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Look for other hosts of its server."""
    for key, what, version in others_of(world, host, host.baseline, since=host.begins):
        whose = author(world, version)
        shared = f"has {what}, with it: two command one server"
        text = f"BareMetalHost {key.name} in the {key.cluster} {shared} ({version.entry.at:.1f} s, {whose})"
        return failed(text, host.name, (host.baseline.entry.seq, version.entry.seq))
    blind = not_seen_whole(world, host)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    if not bmc_of(host.baseline):
        return unknown("has no BMC address, so which server it commands is not known", host.name, (host.baseline.entry.seq,))
    return passed("no other host commands its server", host.name, (host.baseline.entry.seq,))
