"""Real client libraries against the emulated server."""

import asyncio
from typing import Any

import kopf
import kubernetes_asyncio
import msgspec
import pytest
from kubernetes_asyncio.client import ApiClient, ApiException, CoreV1Api, CustomObjectsApi
from kubernetes_asyncio.dynamic import DynamicClient
from kubernetes_asyncio.watch import Watch

from harness.emulated.apiserver import ApiServer
from tests.emulated.apiserver.client import Client, brief
from tests.emulated.apiserver.samples import WIDGETS, widget

MERGE = "application/merge-patch+json"
OPERATOR_SECONDS = 20
PLACE = ("probe.test", "v1", "room", "widgets")


@pytest.fixture
async def api(server: ApiServer) -> Any:
    configuration = kubernetes_asyncio.client.Configuration()
    await kubernetes_asyncio.config.load_kube_config_from_dict(server.kubeconfig(), client_configuration=configuration)
    async with ApiClient(configuration) as api:
        yield api


async def test_kubernetes_asyncio_creates_watches_and_is_told_conflicts(client: Client, api: ApiClient) -> None:
    core = CoreV1Api(api)
    made = await core.create_namespaced_config_map("room", {"metadata": {"name": "a"}, "data": {"k": "1"}})
    made.data = {"k": "2"}
    await core.replace_namespaced_config_map("a", "room", made)
    with pytest.raises(ApiException, match="Conflict"):
        await core.replace_namespaced_config_map("a", "room", made)
    await core.delete_namespaced_config_map("a", "room")
    seen = []
    async with Watch() as watch:
        version = made.metadata.resource_version
        async for event in watch.stream(core.list_namespaced_config_map, "room", resource_version=version, timeout_seconds=1):
            seen.append((event["type"], event["object"].data))
    assert seen == [("MODIFIED", {"k": "2"}), ("DELETED", {"k": "2"})]


async def test_kubernetes_asyncio_handles_custom_objects_and_their_status(client: Client, api: ApiClient) -> None:
    await client.define_widgets()
    custom = CustomObjectsApi(api)
    await custom.create_namespaced_custom_object(*PLACE, widget("one", size=1))
    status = {"status": {"state": "well"}}
    patched = await custom.patch_namespaced_custom_object_status(*PLACE, "one", status, _content_type=MERGE)
    assert patched["status"] == {"state": "well"}
    listed = await custom.list_namespaced_custom_object(*PLACE, limit=1)
    assert [each["metadata"]["name"] for each in listed["items"]] == ["one"]


async def test_the_dynamic_client_finds_custom_kinds_by_legacy_discovery(client: Client, api: ApiClient, tmp_path: Any) -> None:
    await client.define_widgets()
    dynamic = await DynamicClient(api, cache_file=str(tmp_path / "discovery"))
    widgets = await dynamic.resources.get(api_version="probe.test/v1", kind="Widget")
    await widgets.create(body=widget("one", size=1), namespace="room")
    assert (await widgets.get(name="one", namespace="room")).spec.size == 1


async def test_a_kopf_operator_sees_a_widget_live_and_die(server: ApiServer, client: Client) -> None:
    """kopf finds the kind, watches it, adds its finalizer, patches the status and lets the object go."""
    await client.define_widgets()
    registry, ready, stop = kopf.OperatorRegistry(), asyncio.Event(), asyncio.Event()
    deaths: list[str] = []

    @kopf.on.login(registry=registry)
    async def login(**_: Any) -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(server=server.url, token=server.token)

    @kopf.on.create("probe.test", "v1", "widgets", registry=registry)
    async def born(patch: kopf.Patch, **_: Any) -> None:
        patch.status["state"] = "born"

    @kopf.on.delete("probe.test", "v1", "widgets", registry=registry)
    async def dead(name: str, **_: Any) -> None:
        deaths.append(name)

    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    operator = asyncio.create_task(
        kopf.operator(
            registry=registry, settings=settings, standalone=True, namespaces=["room"], ready_flag=ready, stop_flag=stop
        )
    )
    try:
        async with asyncio.timeout(OPERATOR_SECONDS):
            await ready.wait()
            made = await client.ask("POST", WIDGETS, widget("one", size=1))
            async for event in client.watch(WIDGETS, resourceVersion=made["metadata"]["resourceVersion"], timeoutSeconds="60"):
                if event["object"].get("status") == {"state": "born"} and event["object"]["metadata"].get("finalizers"):
                    break
            await client.ask("DELETE", f"{WIDGETS}/one")
            await client.until_gone(f"{WIDGETS}/one")
        assert deaths == ["one"]
    finally:
        stop.set()
        await operator


async def test_a_watch_of_metadata_only_shows_no_more(client: Client) -> None:
    await client.define_widgets()
    await client.ask("POST", WIDGETS, widget("one", size=1))
    accept = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
    async with client.session.get(f"{client.url}{WIDGETS}?watch=1&timeoutSeconds=1", headers=accept) as response:
        events = [msgspec.json.decode(line) async for line in response.content]
    assert brief(events) == [("ADDED", "one")]
    assert set(events[0]["object"]) == {"kind", "apiVersion", "metadata"}
