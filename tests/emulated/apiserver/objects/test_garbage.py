from typing import Any

import pytest

from tests.emulated.apiserver.client import Client
from tests.emulated.apiserver.samples import CONFIGMAPS, CRDS, WIDGETS, configmap, widget


def owned(name: str, *owners: dict[str, Any], **more: Any) -> dict[str, Any]:
    references = [
        {
            "apiVersion": each["apiVersion"],
            "kind": each["kind"],
            "name": each["metadata"]["name"],
            "uid": each["metadata"]["uid"],
            **more,
        }
        for each in owners
    ]
    return configmap(name) | {"metadata": {"name": name, "ownerReferences": references}}


@pytest.fixture
async def owner(client: Client) -> dict[str, Any]:
    return await client.ask("POST", CONFIGMAPS, configmap("owner"))


async def test_a_dependant_goes_when_its_last_owner_is_gone(client: Client, owner: dict[str, Any]) -> None:
    other = await client.ask("POST", CONFIGMAPS, configmap("other"))
    await client.ask("POST", CONFIGMAPS, owned("one", owner))
    await client.ask("POST", CONFIGMAPS, owned("two", owner, other))
    await client.ask("DELETE", f"{CONFIGMAPS}/owner")
    await client.until_gone(f"{CONFIGMAPS}/one")
    assert (await client.answer("GET", f"{CONFIGMAPS}/two"))[0] == 200
    await client.ask("DELETE", f"{CONFIGMAPS}/other")
    await client.until_gone(f"{CONFIGMAPS}/two")


async def test_a_dependant_that_some_owners_keep_forgets_the_one_that_is_gone(client: Client, owner: dict[str, Any]) -> None:
    other = await client.ask("POST", CONFIGMAPS, configmap("other"))
    since = await client.ask("POST", CONFIGMAPS, owned("two", owner, other))
    await client.ask("DELETE", f"{CONFIGMAPS}/owner")
    await client.ask("POST", CONFIGMAPS, owned("lost", owner))
    await client.until_gone(f"{CONFIGMAPS}/lost")
    seen = await client.watched(CONFIGMAPS, resourceVersion=since["metadata"]["resourceVersion"])
    owners = [event["object"]["metadata"].get("ownerReferences", []) for event in seen if event["type"] == "MODIFIED"]
    assert [[each["name"] for each in them] for them in owners] == [["other"]]


async def test_an_owner_of_another_uid_is_no_owner(client: Client, owner: dict[str, Any]) -> None:
    stranger = owner | {"metadata": owner["metadata"] | {"uid": "00000000-0000-4000-8000-000000000000"}}
    await client.ask("POST", CONFIGMAPS, owned("lost", stranger))
    await client.until_gone(f"{CONFIGMAPS}/lost")


async def test_an_owner_of_a_kind_not_served_keeps_its_dependant(client: Client, owner: dict[str, Any]) -> None:
    await client.ask("POST", CONFIGMAPS, owned("kept", owner | {"apiVersion": "nothing.test/v1"}))
    await client.ask("POST", CONFIGMAPS, owned("lost", owner | {"metadata": owner["metadata"] | {"name": "none"}}))
    await client.until_gone(f"{CONFIGMAPS}/lost")
    assert (await client.answer("GET", f"{CONFIGMAPS}/kept"))[0] == 200


async def test_orphans_stay_and_lose_their_owner(client: Client, owner: dict[str, Any]) -> None:
    await client.ask("POST", CONFIGMAPS, owned("orphan", owner))
    await client.ask("DELETE", f"{CONFIGMAPS}/owner", {"propagationPolicy": "Orphan"})
    await client.until_gone(f"{CONFIGMAPS}/owner")
    assert "ownerReferences" not in (await client.ask("GET", f"{CONFIGMAPS}/orphan"))["metadata"]


async def test_in_the_foreground_the_owner_goes_last(client: Client, owner: dict[str, Any]) -> None:
    since = await client.ask("POST", CONFIGMAPS, owned("dependant", owner, blockOwnerDeletion=True))
    await client.ask("DELETE", f"{CONFIGMAPS}/owner", {"propagationPolicy": "Foreground"})
    seen = await client.watched(CONFIGMAPS, resourceVersion=since["metadata"]["resourceVersion"])
    assert [event["object"]["metadata"]["name"] for event in seen if event["type"] == "DELETED"] == ["dependant", "owner"]


async def test_a_namespace_goes_when_it_is_empty_and_takes_nothing_new_before(client: Client) -> None:
    await client.ask("POST", CONFIGMAPS, configmap("free"))
    await client.ask("POST", CONFIGMAPS, configmap("held") | {"metadata": {"name": "held", "finalizers": ["probe.test/hold"]}})
    terminating = await client.ask("DELETE", "/api/v1/namespaces/room")
    assert terminating["status"]["phase"] == "Terminating"
    code, answer = await client.answer("POST", CONFIGMAPS, configmap("late"))
    assert (code, answer["details"]["causes"][0]["reason"]) == (403, "NamespaceTerminating")
    await client.merge(f"{CONFIGMAPS}/held", {"metadata": {"finalizers": None}})
    await client.until_gone("/api/v1/namespaces/room")


async def test_a_definition_goes_after_its_instances_and_is_served_no_longer(client: Client) -> None:
    await client.define_widgets()
    await client.ask("POST", WIDGETS, widget("one", size=1))
    await client.ask("DELETE", f"{CRDS}/widgets.probe.test")
    await client.until_gone(f"{CRDS}/widgets.probe.test")
    async with client.session.get(client.url + WIDGETS) as response:
        assert response.status == 404
    await client.define_widgets()
    assert (await client.ask("GET", WIDGETS))["items"] == []
