"""Turns: so many a second, in the order in which they were asked for, and none saved up."""

import asyncio

from harness.sight.turns import Turns


async def test_turns_are_handed_out_evenly_in_the_order_in_which_they_were_asked_for():
    turns, taken = Turns(100.0), []

    async def look(name: int) -> None:
        await turns.take()
        taken.append((name, asyncio.get_running_loop().time()))

    await asyncio.gather(*(look(name) for name in range(5)))
    assert [name for name, _ in taken] == [0, 1, 2, 3, 4]
    assert taken[-1][1] - taken[0][1] >= 0.04 - 0.001


async def test_a_turn_that_nobody_took_is_not_saved_for_later():
    clock = asyncio.get_running_loop().time
    turns = Turns(50.0)
    await turns.take()
    await asyncio.sleep(0.1)
    began = clock()
    await turns.take()
    await turns.take()
    assert clock() - began >= 0.02 - 0.001
