"""Probes the network from one cluster's vantage: what an Ironic there could reach, layer by layer.

A probe leaves no session and writes nothing. Where a lab tells no vantage for a side there is no ProbeSight, and what depends on
it is unknown. Any network result is an observation; only an unusable vantage (its address is not local) is a gap.
"""

import asyncio
import socket
from collections.abc import Sequence

import aiohttp

from bmc.names import PROBE_USER_AGENT
from harness.journal.facts import ProbeSeen, Side
from harness.journal.journal import FactRecorder
from harness.sight.lab_pace import LabPace
from harness.sight.network.target import ProbeTarget, Vantage
from harness.sight.polling import PollingSight
from harness.sight.turns import Turns

ANSWER_SECONDS = 5.0
BEGINS_A_SECOND = 50.0
"""A hundred probes at once would hold up an embedded lab, and be late themselves."""


class ProbeSight(PollingSight):
    """Probes all targets again and again, from `run` to `final`.

    `vantage` is whose side `local_address` is. A result is recorded at first, when it differs from the previous one, and at the
    end.
    """

    def __init__(  # noqa: PLR0913  # all by name but the four that every sight has
        self,
        vantage: Side,
        local_address: str,
        targets: Sequence[ProbeTarget],
        recorder: FactRecorder,
        *,
        interval_seconds: float = 5.0,
        answer_seconds: float = ANSWER_SECONDS,
        pace: LabPace | None = None,
    ) -> None:
        super().__init__("probe", vantage, recorder, interval_seconds, pace)
        self._local_address = local_address
        self._targets = tuple(targets)
        self._answer_seconds = answer_seconds
        self._turns = Turns(BEGINS_A_SECOND)
        self._last: dict[int, ProbeSeen] = {}

    async def probe_once(self) -> list[ProbeSeen]:
        """All targets, shortly one after the other, in their order; nothing is recorded.

        None waits for the answer of another. Raises OSError where the vantage is not ours.
        """
        _take(self._local_address)
        connector = aiohttp.TCPConnector(local_addr=(self._local_address, 0), force_close=True, limit=0)
        async with aiohttp.ClientSession(connector=connector, headers={"User-Agent": PROBE_USER_AGENT}) as session:
            vantage = Vantage(self._side, self._local_address, session, self._answer_seconds)
            async with asyncio.TaskGroup() as group:
                probes = []
                for target in self._targets:
                    await self._turns.take()
                    probes.append(group.create_task(target.probe(vantage)))
            return [probe.result() for probe in probes]

    async def _poll(self, *, final: bool) -> None:
        sent = self._recorder.now()
        try:
            seen = await self.probe_once()
        except OSError as error:
            self._missed(sent, f"nothing can be sent from {self._local_address} ({error.strerror or error})")
            return
        since, at = await self._met(sent)
        for number, fact in enumerate(seen):
            if final or self._last.get(number) != fact:
                self._recorder.record(fact, since=since, at=at)
                self._last[number] = fact


def _take(address: str) -> None:
    """OSError unless a socket can be bound to this address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.bind((address, 0))
