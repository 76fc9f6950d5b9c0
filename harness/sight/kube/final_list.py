"""The closing barrier of a watched kind: proves that no event is missing.

A consistent list gives the state at version L. A short separate watch from the last recorded version delivers everything up to L,
including objects created and deleted again, which no list shows. The state built from events must then equal the list, object by
object, except for objects changed after L.
"""

import asyncio

from harness.kube.errors import ClusterError, NotThereError
from harness.sight.kube.reflector import Reflector

CLOSING_WATCH_SECONDS = 1
PAUSE_SECONDS = 0.05


async def prove_complete(reflector: Reflector, limit_seconds: float, because: str = "") -> bool:
    """Record SightEnded, complete if the proof succeeds within the limit; `because` tells why it ends before the run does.

    The caller must cancel the reflector right after that.
    """
    told = f"{because}; " if because else ""
    try:
        async with asyncio.timeout(limit_seconds):
            proven = await _prove_with_retries(reflector)
    except NotThereError as error:
        # It may be there and not be reached: that is no proof, and no time makes it one.
        reflector.end(complete=False, since=reflector.seen_until(), says=f"{told}{error}")
        return False
    except TimeoutError:
        why = f": {reflector.trouble}" if reflector.trouble else ""
        says = f"{told}no closing list agreed with the watch within {limit_seconds:g} s{why}"
        reflector.end(complete=False, since=reflector.seen_until(), says=says)
        return False
    reflector.end(complete=True, since=proven, says=f"{told}a closing list agreed with the watch")
    return True


async def _prove_with_retries(reflector: Reflector) -> float:
    """Repeat until the proof succeeds; returns the time (seconds) up to which everything is recorded."""
    while True:
        try:
            proven = await _prove_once(reflector)
        except NotThereError:
            raise
        except ClusterError as error:
            reflector.trouble = str(error)
        else:
            if proven is not None:
                return proven
        await asyncio.sleep(PAUSE_SECONDS)


async def _prove_once(reflector: Reflector) -> float | None:
    """One attempt; the time up to which everything is recorded, or None if the proof fails."""
    await reflector.began.wait()
    if reflector.resource is None:
        return await _prove_absence(reflector)
    if reflector.version is None:
        return None
    reflector.late = {}
    reading, listed = await reflector.ask_list()
    if not await _catch_up(reflector, reading.version):
        return None
    told, truth = reflector.objects.versions(), {sighting.key: sighting.version for sighting in listed}
    differ = {key for key in told.keys() | truth.keys() if told.get(key) != truth.get(key)}
    missed = sorted(key for key in differ if reflector.late.get(key, 0) <= reading.version)
    if missed:
        reflector.trouble = f"the closing list differs from the watch in {len(missed)} objects, {missed[0][1]} is one"
    return None if missed else reading.sent


async def _prove_absence(reflector: Reflector) -> float | None:
    sent = reflector.recorder.now()
    try:
        if await reflector.ask_resource() is not None or len(reflector.objects):
            return None
    except NotThereError as error:
        if error.is_unreached:
            raise
    reflector.look_absent(sent)
    return sent


async def _catch_up(reflector: Reflector, version: int) -> bool:
    """Read outstanding events up to a version; False if the watch broke before."""
    if reflector.told(version):
        return True
    async with reflector.open_watch(CLOSING_WATCH_SECONDS) as lines:
        line = await lines.next()
        while line.endswith(b"\n"):
            reflector.take(line)
            if reflector.told(version):
                return True
            line = await lines.next()
    if line or reflector.version is None:
        return False
    reflector.settle()
    return True
