"""A host that ran when the move began is on all the time: no version of it, in either cluster, shows it off or wants it off.

Also one version counts: between two polls a server may have been off and on again.
"""

from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.world.bmc.causes import harm_after
from harness.world.changes.authors import UNSEEN, after_words, author
from harness.world.horizon import not_seen_whole
from harness.world.hosts import Host, guarded
from harness.world.world import Version, World

ORDER = 12
SAID: dict[object, str] = {True: "on", False: "off"}


def check(world: World) -> Iterator[Judgement]:
    """One judgement a host that nobody may reprovision."""
    for host in guarded(world):
        yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Compare every version's power, and the power that is wanted, with the baseline's."""
    seq = host.baseline.entry.seq
    for side, version in host.seen(world):
        wrong = wanted_otherwise(world, host, side, version) or shown_otherwise(host, side, version)
        if wrong:
            return failed(wrong, host.name, (seq, version.entry.seq))
    blind = not_seen_whole(world, host)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed(f"its power was {SAID.get(power(host.baseline), 'not told')} all the time", host.name, (seq,))


def power(version: Version) -> object:
    """Its power as its Baremetal Operator shows it; None where it does not say."""
    return version.get("status", "poweredOn")


def shown_otherwise(host: Host, side: str, version: Version) -> str:
    """What is wrong with the power that this version shows; empty where nothing is. A copy without a state tells none."""
    now = power(version)
    if (
        not isinstance(power(host.baseline), bool)
        or not isinstance(now, bool)
        or not version.get("status", "provisioning", "state")
    ):
        return ""
    if now is power(host.baseline):
        return ""
    return f"its server was switched {SAID[now]}, as shown in the {side} at {version.entry.at:.1f} s, {UNSEEN}"


def wanted_otherwise(world: World, host: Host, side: str, version: Version) -> str:
    """Who wants its power otherwise than when the move began; empty where nobody does."""
    before, now = host.baseline.get("spec", "online"), version.get("spec", "online")
    if not isinstance(before, bool) or before is now:
        return ""
    said = f"`spec.online` was set to {'true' if now else 'false'}{after_words(author(world, version, 'spec.online'))}"
    then = harm_after(world, host, side, version)
    return f"{said}{f', {then}' if then else ''}, in the {side} at {version.entry.at:.1f} s"
