"""Informers and the client against a server of the lab."""

import asyncio
import contextlib

import pytest

from harness.emulated.apiserver import ApiServer
from harness.emulated.controllers.informer import Informer
from harness.emulated.kube.client import AlreadyExistsError, Client, ConflictError, GoneError, NotFoundError
from harness.emulated.kube.resources import NODES, SECRETS

LIMIT_SECONDS = 10
LINE_BYTES = 300_000


@contextlib.asynccontextmanager
async def _served(**more):
    server = ApiServer("test", **more)
    await server.start()
    try:
        async with Client(server.url, server.token, user_agent="test") as client:
            yield server, client
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def _informed(client, resource):
    """An informer that runs, and the queue of what it tells: (name before, name after)."""
    informer, told = Informer(client, resource, retry_seconds=0.01), asyncio.Queue()
    informer.on_change(lambda before, after: told.put_nowait((_name(before), _name(after))))
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(informer.run())
        async with asyncio.timeout(LIMIT_SECONDS):
            await informer.synced.wait()
            yield informer, told
        task.cancel()


def _name(obj):
    return None if obj is None else obj["metadata"]["name"]


def _secret(name, **data):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "default"}, "stringData": data}


async def test_it_tells_what_was_there_what_comes_and_what_goes():
    async with _served() as (_, client):
        await client.create(SECRETS, _secret("one"))
        async with _informed(client, SECRETS) as (informer, told):
            assert await told.get() == (None, "one")
            two = await client.create(SECRETS, _secret("two"))
            assert await told.get() == (None, "two")
            await client.merge_patch(SECRETS, two, {"metadata": {"labels": {"a": "b"}}})
            assert await told.get() == ("two", "two")
            assert informer.get(("default", "two"))["metadata"]["labels"] == {"a": "b"}
            await client.delete(SECRETS, "one", "default")
            assert await told.get() == ("one", None)
            assert [_name(each) for each in informer.items("default")] == ["two"]


async def test_an_object_longer_than_any_buffer_comes_whole():
    async with _served() as (_, client), _informed(client, SECRETS) as (informer, told):
        await client.create(SECRETS, _secret("long", text="x" * LINE_BYTES))
        assert await told.get() == (None, "long")
        assert len(informer.get(("default", "long"))["data"]["text"]) > LINE_BYTES


async def test_what_was_written_is_read_at_once_and_told_once():
    async with _served() as (_, client), _informed(client, SECRETS) as (informer, told):
        written = informer.learn(await client.create(SECRETS, _secret("one")))
        assert informer.get(("default", "one")) == written
        await client.create(SECRETS, _secret("two"))
        assert [await told.get(), await told.get()] == [(None, "one"), (None, "two")]


async def test_what_is_learnt_too_late_does_not_bring_the_dead_back():
    async with _served() as (_, client), _informed(client, SECRETS) as (informer, told):
        written = await client.create(SECRETS, _secret("one"))
        assert await told.get() == (None, "one")
        await client.delete(SECRETS, "one", "default")
        assert await told.get() == ("one", None)
        informer.learn(written)
        assert informer.get(("default", "one")) is None


async def test_a_change_is_awaited_no_longer_than_it_takes():
    async with _served() as (_, client), _informed(client, SECRETS) as (informer, told):
        one = await client.create(SECRETS, _secret("one"))
        await told.get()
        waiting = asyncio.create_task(informer.change_of(("default", "one"), LIMIT_SECONDS))
        await asyncio.sleep(0)
        await client.merge_patch(SECRETS, one, {"metadata": {"labels": {"a": "b"}}})
        await waiting
        await informer.change_of(("default", "one"), 0.01)


async def test_a_version_too_old_makes_it_list_again():
    async with _served(history_entries_max=5) as (_, client):
        first = (await client.list_all(SECRETS))["metadata"]["resourceVersion"]
        for number in range(10):
            await client.create(SECRETS, _secret(f"number-{number}"))
        with pytest.raises(GoneError):
            async for _ in client.watch(SECRETS, resource_version=first):
                pass


async def test_it_comes_back_after_its_server_was_away():
    server = ApiServer("test")
    url = await server.start()
    port = int(url.rsplit(":", 1)[1])
    try:
        async with Client(url, server.token) as client, _informed(client, NODES) as (_, told):
            await client.create(NODES, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "one"}})
            assert await told.get() == (None, "one")
            await server.stop()
            await server.start(port=port)
            await client.create(NODES, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "two"}})
            assert await told.get() == (None, "two")
    finally:
        await server.stop()


async def test_refusals_have_types():
    async with _served() as (_, client):
        one = await client.create(SECRETS, _secret("one"))
        with pytest.raises(AlreadyExistsError):
            await client.create(SECRETS, _secret("one"))
        with pytest.raises(NotFoundError):
            await client.get(SECRETS, "two", "default")
        await client.put(SECRETS, {**one, "metadata": {**one["metadata"], "labels": {"a": "b"}}})
        with pytest.raises(ConflictError) as refusal:
            await client.put(SECRETS, {**one, "metadata": {**one["metadata"], "labels": {"a": "c"}}})
        assert (refusal.value.code, refusal.value.reason) == (409, "Conflict")
