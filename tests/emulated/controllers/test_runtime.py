import asyncio

import pytest

from harness.emulated.controllers.objects import merge_difference
from harness.emulated.controllers.runtime import Queue
from harness.emulated.plan.time_scale import Pace

ONE, TWO = ("metal3", "one"), ("metal3", "two")
LIMIT_SECONDS = 5
SOON_SECONDS = 0.05


def _queue(speed=1.0):
    return Queue(Pace(speed))


async def _take(queue):
    async with asyncio.timeout(LIMIT_SECONDS):
        return await queue.take()


async def _is_empty(queue):
    try:
        async with asyncio.timeout(SOON_SECONDS):
            await queue.take()
    except TimeoutError:
        return True
    return False


async def test_a_key_that_comes_twice_is_taken_once():
    queue = _queue()
    for key in (ONE, TWO, ONE):
        queue.add(key)
    assert [await _take(queue), await _take(queue)] == [ONE, TWO]
    assert await _is_empty(queue)


async def test_a_key_that_comes_while_it_is_worked_on_waits_for_the_end():
    queue = _queue()
    queue.add(ONE)
    await _take(queue)
    queue.add(ONE)
    assert await _is_empty(queue)
    queue.done(ONE)
    assert await _take(queue) == ONE


async def test_a_key_is_not_taken_again_before_its_interval_is_over():
    queue = Queue(Pace(10), interval_seconds=2)
    queue.add(ONE)
    queue.add(TWO)
    begun = asyncio.get_running_loop().time()
    assert [await _take(queue), await _take(queue)] == [ONE, TWO]
    queue.add(ONE)
    queue.done(ONE)
    assert await _is_empty(queue)
    assert await _take(queue) == ONE
    assert asyncio.get_running_loop().time() - begun >= 0.2


async def test_a_later_date_does_not_put_off_an_earlier_one():
    queue = _queue(speed=100)
    queue.add_after(ONE, 1)
    queue.add_after(ONE, 1000)
    assert await _take(queue) == ONE
    queue.done(ONE)
    assert await _is_empty(queue)


async def test_an_earlier_date_takes_the_place_of_a_later_one():
    queue = _queue(speed=100)
    queue.add_after(ONE, 1000)
    queue.add_after(ONE, 1)
    assert await _take(queue) == ONE


async def test_pauses_after_failures_double_and_end_with_a_success():
    queue, loop = _queue(), asyncio.get_running_loop()
    pauses = []
    for _ in range(4):
        began = loop.time()
        queue.fail(ONE)
        await _take(queue)
        queue.done(ONE)
        pauses.append(loop.time() - began)
    assert pauses[3] >= 0.04
    assert pauses[0] < pauses[3]
    queue.succeed(ONE)
    queue.fail(ONE)
    began = loop.time()
    await _take(queue)
    assert loop.time() - began < pauses[3]


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({}, {}, {}),
        ({"a": 1}, {}, {"a": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 3}}),
        ({"a": [1]}, {"a": [1, 2]}, {"a": [1, 2]}),
        ({"a": {"b": 1}}, {"a": {"b": 1}, "d": None}, {"d": None}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_only_the_difference_is_written(before, after, patch):
    assert merge_difference(before, after) == patch
