"""The earliest time at which a change in an API server can have happened.

That an event was *received* at some time says nothing of when it happened: after a cut, minutes of history come in one burst.
What does say something is a consistent read: a list sent at time t and answered with version v proves that the server was not
beyond v before t, so whatever has a greater version happened after t. So each cluster's revision is polled regularly, and faster
while changes are seen.

That versions of different kinds can be compared is an assumption (one etcd behind all kinds; KEP-5504 promises it for one kind
only), so it is checked: for a kind whose lists contradict the polled revisions, only its own lists are used.
"""

import asyncio
import bisect
import contextlib
from collections.abc import Callable
from typing import NamedTuple

from harness.journal.journal import FactRecorder
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError
from harness.sight.kube.backoff import KubeSightLimits
from harness.sight.kube.wire import version_number

KEPT_PULSES = 20_000


class ConsistentRead(NamedTuple):
    """One consistent read: when it was sent and answered (seconds), and of which version the answer was."""

    sent: float
    answered: float
    version: int


class RevisionClock:
    """The consistent reads of one cluster, in order. Set `wanted` after a change to poll sooner."""

    def __init__(self) -> None:
        self.wanted = asyncio.Event()
        self.latest = ConsistentRead(float("-inf"), float("-inf"), 0)
        self._versions: list[int] = []
        self._sent: list[float] = []

    def note(self, reading: ConsistentRead) -> None:
        """Add a read; an older revision is ignored, an equal one only updates the time."""
        if reading.version < self.latest.version:
            return
        self.latest = reading
        if self._versions and self._versions[-1] == reading.version:
            self._sent[-1] = reading.sent
            return
        self._versions.append(reading.version)
        self._sent.append(reading.sent)
        if len(self._versions) > KEPT_PULSES:
            del self._versions[: KEPT_PULSES // 2], self._sent[: KEPT_PULSES // 2]

    def before(self, version: int) -> float:
        """The last time at which the cluster was known to be below this version; -inf if never."""
        place = bisect.bisect_left(self._versions, version)
        return self._sent[place - 1] if place else float("-inf")


class EarliestTimes:
    """Lower bounds of change times for one kind, from its own lists and the cluster's revision clock."""

    def __init__(self, revision_clock: RevisionClock) -> None:
        self._pulses = revision_clock
        self._lists = RevisionClock()
        self._apart = False

    def note_list(self, reading: ConsistentRead) -> None:
        """A list of this kind was read."""
        pulse = self._pulses.latest
        self._apart |= pulse.answered <= reading.sent and pulse.version > reading.version
        self._lists.note(reading)

    def since(self, version: int) -> float:
        """The earliest moment at which the change that made this version can have happened; minus infinity before any list."""
        pulse, listed = self._pulses.latest, self._lists.latest
        self._apart |= pulse.sent >= listed.answered and pulse.version < listed.version
        own = self._lists.before(version)
        return own if self._apart else max(own, self._pulses.before(version))


async def poll_revision(
    cluster: KubeCluster,
    path: Callable[[], str | None],
    revision_clock: RevisionClock,
    recorder: FactRecorder,
    limits: KubeSightLimits,
) -> None:
    """Poll the cluster's revision until cancelled; `path` gives a served collection, None while none is known."""
    while True:
        asked, sent = path(), recorder.now()
        revision_clock.wanted.clear()
        if asked is not None:
            try:
                version = version_number(await cluster.version(asked, answer_seconds=limits.answer_seconds))
                revision_clock.note(ConsistentRead(sent, recorder.now(), version))
            except (ClusterError, ValueError):
                # Not a loss of sight: a missed pulse makes intervals wider, and the watches say themselves when they are cut.
                pass
        await asyncio.sleep(limits.quick_pulse_seconds)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limits.pulse_seconds):
                await revision_clock.wanted.wait()
