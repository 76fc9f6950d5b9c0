"""The closing barrier of a watched kind: proof that what was told is all there was.

A consistent list gives the state at version L. A short watch of its own, from the last version told and read to its end, brings
whatever is still under way up to L, also what was made and deleted again and so is in no list. Then what the events have built
must equal the list, object by object, but for objects that an event changed after L.
"""

import asyncio

from harness.kube.client import ClusterError
from harness.sight.kube.reflector import Reflector

CLOSING_WATCH_SECONDS = 1
PAUSE_SECONDS = 0.05


async def prove_complete(reflector: Reflector, limit_seconds: float) -> bool:
    """Record SightEnded: complete where the proof came within the limit. The reflector must be cancelled at once after that."""
    try:
        async with asyncio.timeout(limit_seconds):
            proven = await _prove_with_retries(reflector)
    except TimeoutError:
        why = f": {reflector.trouble}" if reflector.trouble else ""
        says = f"no closing list agreed with the watch within {limit_seconds:g} s{why}"
        reflector.end(complete=False, since=reflector.seen_until(), says=says)
        return False
    reflector.end(complete=True, since=proven, says="a closing list agreed with the watch")
    return True


async def _prove_with_retries(reflector: Reflector) -> float:
    """Try until it holds; the moment up to which everything is told (seconds)."""
    while True:
        try:
            proven = await _prove_once(reflector)
        except ClusterError as error:
            reflector.trouble = str(error)
        else:
            if proven is not None:
                return proven
        await asyncio.sleep(PAUSE_SECONDS)


async def _prove_once(reflector: Reflector) -> float | None:
    """One try."""
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
    if await reflector.ask_resource() is not None or len(reflector.objects):
        return None
    reflector.look_absent(sent)
    return sent


async def _catch_up(reflector: Reflector, version: int) -> bool:
    """Read what is under way up to a version; False where the watch was cut before its end."""
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
