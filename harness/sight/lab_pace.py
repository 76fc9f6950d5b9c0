"""How far an embedded lab falls behind, as its control tells: its times are divided by its speed, and stretch where it cannot follow."""

import asyncio
from bisect import bisect_right
from http import HTTPStatus

import aiohttp
import msgspec

from harness.journal.facts import LabLagged
from harness.journal.journal import FactRecorder
from harness.sight.own_stalls import OwnStalls

ASK_SECONDS = 0.5
ANSWER_SECONDS = 20.0
POLLS_MISSED = 2
"""So many regular polls in a row may fall out before that counts as blindness."""
BLIND_SECONDS = 0.75
"""A shorter time never counts as that: nothing is polled so often that it would be seen in between."""
LEAST_SECONDS = 0.01
"""Less is not worth an entry; it is told with the next."""


class _Told(msgspec.Struct):
    """What the control answers: since it began, the lab was not idle for so long."""

    lost_seconds: float


class LabPace:
    """Asks a lab from `run` to `final` how far it fell behind, and journals that; a lab without such a control always keeps pace.

    `control` is the address of its manageable network, empty where it has none; `stalls`: our own, in which nothing can be waited for.
    """

    def __init__(self, control: str, recorder: FactRecorder, stalls: OwnStalls) -> None:
        self.ready = asyncio.Event()
        self._url = f"{control}/pace" if control else ""
        self._recorder = recorder
        self._stalls = stalls
        self._asking = asyncio.Lock()
        self._sent = -1.0
        self._told: list[tuple[float, float]] = []
        """When it told (seconds of the journal), and how much it had lost by then."""

    async def run(self) -> None:
        """Ask again and again, until cancelled."""
        while True:
            await self._ask()
            self.ready.set()
            await asyncio.sleep(ASK_SECONDS)

    async def final(self) -> None:
        """Ask for the last time."""
        await self._ask()

    async def waited(self, since: float) -> float:
        """For how long (seconds) something was waited for while lab and harness were able to act."""
        await self._ask()
        now = self._recorder.now()
        return max(now - since - self._lost(since, earlier=True) - self._stalls.within(since, now), 0.0)

    async def unseen(self, since: float, interval_seconds: float) -> str:
        """Why what is polled in this rhythm was not looked at since its last poll; empty where it was.

        It was not where the harness stood still while the lab lived on for longer than polls may be apart.
        """
        until = self._recorder.now()
        stood_still, least = self._stalls.within(since, until), max(BLIND_SECONDS, POLLS_MISSED * interval_seconds)
        if stood_still <= least:
            return ""
        await self._ask()
        lived = until - since - self._lost(since, earlier=False)
        return f"the harness itself stood still for {stood_still:.1f} s" if lived > least else ""

    def _lost(self, since: float, *, earlier: bool) -> float:
        """What the lab lost since a time: at most (since what it told `earlier`), or at least."""
        place = bisect_right(self._told, since, key=lambda told: told[0])
        first = self._told[max(place - 1, 0) : place] if earlier else self._told[place : place + 1]
        return self._told[-1][1] - (first or self._told)[0][1] if self._told and (first or earlier) else 0.0

    async def _ask(self) -> None:
        """Ask once; many who ask at the same time share the answer to a question that was sent after all of theirs."""
        wanted = self._recorder.now()
        async with self._asking:
            if not self._url or self._sent > wanted:
                return
            self._sent = self._recorder.now()
            lost = await self._answer()
            if lost is not None:
                self._tell(lost, self._recorder.now())

    def _tell(self, lost: float, at: float) -> None:
        if not self._told:
            self._told.append((at, lost))
        elif lost - self._told[-1][1] >= LEAST_SECONDS:
            since, before = self._told[-1]
            self._told.append((at, lost))
            self._recorder.record(LabLagged(lost_seconds=round(min(lost - before, at - since), 3)), since=since, at=at)

    async def _answer(self) -> float | None:
        """How much the lab has lost; None where it does not tell. One that never tells is not asked again."""
        limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with aiohttp.ClientSession(timeout=limit) as session, session.get(self._url) as answer:
                content = await answer.read()
                if answer.status == HTTPStatus.OK:
                    return msgspec.json.decode(content, type=_Told).lost_seconds
        except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError):
            return None
        self._url = ""
        return None
