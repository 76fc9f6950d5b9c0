import asyncio

from harness.emulated.apiserver import ApiServer
from tests.emulated.apiserver.client import Client, brief
from tests.emulated.apiserver.samples import CONFIGMAPS, configmap


async def test_a_watch_without_version_begins_with_what_is_there(client: Client) -> None:
    await client.ask("POST", CONFIGMAPS, configmap("b"))
    await client.ask("POST", CONFIGMAPS, configmap("a"))
    assert brief(await client.watched(CONFIGMAPS)) == [("ADDED", "a"), ("ADDED", "b")]


async def test_a_watch_resumes_after_the_version_it_names_and_misses_nothing(client: Client) -> None:
    made = await client.ask("POST", CONFIGMAPS, configmap("a"))
    await client.merge(f"{CONFIGMAPS}/a", {"data": {"k": "1"}})
    await client.ask("POST", CONFIGMAPS, configmap("b"))
    await client.ask("DELETE", f"{CONFIGMAPS}/a")
    seen = await client.watched(CONFIGMAPS, resourceVersion=made["metadata"]["resourceVersion"])
    assert brief(seen) == [("MODIFIED", "a"), ("ADDED", "b"), ("DELETED", "a")]
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in seen]
    assert versions == sorted(set(versions))
    assert versions[0] > int(made["metadata"]["resourceVersion"])


async def test_a_live_watch_is_given_changes_as_they_happen(client: Client) -> None:
    listed = await client.ask("GET", CONFIGMAPS)
    watching = asyncio.create_task(client.watched(CONFIGMAPS, resourceVersion=listed["metadata"]["resourceVersion"]))
    await client.ask("POST", CONFIGMAPS, configmap("a"))
    assert brief(await watching) == [("ADDED", "a")]


async def test_a_write_that_changes_nothing_is_no_event(client: Client) -> None:
    made = await client.ask("POST", CONFIGMAPS, configmap("a", k="1"))
    same = await client.merge(f"{CONFIGMAPS}/a", {"data": {"k": "1"}})
    assert same["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    assert await client.watched(CONFIGMAPS, resourceVersion=made["metadata"]["resourceVersion"]) == []


async def test_restored_managed_fields_are_an_event(client: Client) -> None:
    made = await client.ask("POST", CONFIGMAPS, configmap("a", k="1"))
    entry = made["metadata"]["managedFields"][0] | {"manager": "somebody"}
    await client.merge(f"{CONFIGMAPS}/a", {"metadata": {"managedFields": [entry]}})
    seen = await client.watched(CONFIGMAPS, resourceVersion=made["metadata"]["resourceVersion"])
    assert brief(seen) == [("MODIFIED", "a")]
    assert [each["manager"] for each in seen[0]["object"]["metadata"]["managedFields"]] == ["somebody"]


async def test_entering_and_leaving_a_selector_are_added_and_deleted(client: Client) -> None:
    made = await client.ask("POST", CONFIGMAPS, configmap("a"))
    for label in ("yes", "yes2", None):
        await client.merge(f"{CONFIGMAPS}/a", {"metadata": {"labels": {"seen": label}}})
    seen = await client.watched(CONFIGMAPS, resourceVersion=made["metadata"]["resourceVersion"], labelSelector="seen")
    assert brief(seen) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]
    assert seen[2]["object"]["metadata"]["labels"] == {"seen": "yes2"}
    assert int(seen[2]["object"]["metadata"]["resourceVersion"]) > int(seen[1]["object"]["metadata"]["resourceVersion"])


async def test_a_version_older_than_the_history_is_expired_in_the_stream(client: Client) -> None:
    made = await client.ask("POST", CONFIGMAPS, configmap("a"))
    for number in range(45):
        await client.merge(f"{CONFIGMAPS}/a", {"data": {"k": str(number)}})
    seen = await client.watched(CONFIGMAPS, resourceVersion=made["metadata"]["resourceVersion"], timeoutSeconds="60")
    assert [event["type"] for event in seen] == ["ERROR"]
    assert (seen[0]["object"]["code"], seen[0]["object"]["reason"]) == (410, "Expired")


async def test_initial_events_end_with_their_bookmark(client: Client) -> None:
    made = await client.ask("POST", CONFIGMAPS, configmap("a"))
    query = {
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "allowWatchBookmarks": "true",
        "resourceVersion": "",
    }
    seen = await client.watched(CONFIGMAPS, **query)
    assert [event["type"] for event in seen] == ["ADDED", "BOOKMARK"]
    assert seen[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert seen[1]["object"]["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_a_bookmark_comes_before_the_end_and_tells_the_version_of_all_kinds(client: Client) -> None:
    await client.ask("POST", CONFIGMAPS, configmap("a"))
    other = await client.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "other"}})
    listed = await client.ask("GET", CONFIGMAPS)
    version = listed["metadata"]["resourceVersion"]
    seen = await client.watched(CONFIGMAPS, resourceVersion=version, allowWatchBookmarks="true", timeoutSeconds="3")
    assert [event["type"] for event in seen] == ["BOOKMARK"]
    assert seen[0]["object"]["metadata"]["resourceVersion"] == other["metadata"]["resourceVersion"]


async def test_a_server_that_stops_ends_its_watches_cleanly(server: ApiServer, client: Client) -> None:
    stream = client.watch(CONFIGMAPS, timeoutSeconds="3600")
    await client.ask("POST", CONFIGMAPS, configmap("a"))
    assert (await anext(stream))["type"] == "ADDED"
    await server.stop()
    assert [event async for event in stream] == []
