import re
from datetime import UTC, datetime, timedelta, timezone

import aiohttp
import pytest
from aiohttp import web

from harness.emulated.apiserver import ApiServer
from tests.emulated.apiserver.client import Client
from tests.emulated.apiserver.samples import CRDS, DEFINITION, NS

pytestmark = pytest.mark.dated

ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


async def status(server: ApiServer, path: str, token: str | None) -> tuple[int, str]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session, session.get(server.url + path, headers=headers) as response:
        return response.status, (await response.json())["kind"]


async def test_a_wrong_token_is_unauthorized(server: ApiServer) -> None:
    assert await status(server, "/api/v1/nodes", server.token) == (200, "NodeList")
    assert await status(server, "/api/v1/nodes", "wrong") == (401, "Status")
    assert await status(server, "/api/v1/nodes", None) == (200, "NodeList")


async def test_no_token_is_unauthorized_unless_anonymous() -> None:
    server = ApiServer("strict", anonymous=False)
    await server.start()
    assert await status(server, "/api/v1/nodes", None) == (403, "Status")
    assert await status(server, "/api/v1/nodes", server.token) == (200, "NodeList")
    await server.stop()


async def test_a_middleware_sees_every_request_first() -> None:
    seen = []

    @web.middleware
    async def note(request: web.Request, handler: object) -> web.StreamResponse:
        seen.append(request.path)
        return await handler(request)

    server = ApiServer("noted", middlewares=[note])
    await server.start()
    await status(server, "/api/v1/nodes", "wrong")
    await server.stop()
    assert seen == ["/api/v1/nodes"]


async def test_a_reader_may_look_at_everything_and_change_nothing(server: ApiServer) -> None:
    token = server.kubeconfig(reader=True)["users"][0]["user"]["token"]
    assert token != server.token
    assert await status(server, "/api/v1/nodes", token) == (200, "NodeList")
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(server.url, headers=headers) as session:
        async with session.post("/api/v1/nodes", json={"metadata": {"name": "n"}}) as answer:
            refused = await answer.json()
        for verb, allowed in (("list", True), ("delete", False)):
            asked = {"spec": {"resourceAttributes": {"verb": verb, "resource": "nodes"}}}
            async with session.post(ACCESS, json=asked) as answer:
                assert (answer.status, (await answer.json())["status"]) == (201, {"allowed": allowed})
    said = 'User "emulated-reader" cannot create resource "nodes" in API group "" at the cluster scope'
    assert (refused["code"], refused["message"]) == (403, f"nodes is forbidden: {said}")


async def test_a_kubeconfig_names_url_and_token(server: ApiServer) -> None:
    config = server.kubeconfig()
    assert config["clusters"][0]["cluster"]["server"] == server.url
    assert config["users"][0]["user"]["token"] == server.token
    assert server.url.startswith("http://127.0.0.1:")


async def test_aggregated_discovery_is_cached_by_its_etag_until_a_definition_comes(client: Client) -> None:
    headers = {"Accept": f"{AGGREGATED},application/json"}
    async with client.session.get(f"{client.url}/apis", headers=headers) as response:
        assert response.headers["Content-Type"] == AGGREGATED
        etag = response.headers["ETag"]
    async with client.session.get(f"{client.url}/apis", headers=headers | {"If-None-Match": etag}) as response:
        assert response.status == 304
    await client.ask("POST", CRDS, DEFINITION)
    async with client.session.get(f"{client.url}/apis", headers=headers | {"If-None-Match": etag}) as response:
        assert response.status == 200
        groups = {group["metadata"]["name"]: group for group in (await response.json(content_type=None))["items"]}
    versions = groups["probe.test"]["versions"]
    assert [each["version"] for each in versions] == ["v1", "v1beta1"]
    assert versions[0]["resources"][0]["subresources"][0]["subresource"] == "status"


async def test_legacy_discovery_lists_what_is_served(client: Client) -> None:
    await client.define_widgets()
    groups = {each["name"]: each for each in (await client.ask("GET", "/apis"))["groups"]}
    assert groups["probe.test"]["preferredVersion"]["version"] == "v1"
    names = [each["name"] for each in (await client.ask("GET", "/apis/probe.test/v1"))["resources"]]
    assert names == ["widgets", "widgets/status", "widgets/scale"]
    core = {each["name"] for each in (await client.ask("GET", "/api/v1"))["resources"]}
    assert {"namespaces", "namespaces/status", "secrets", "nodes/status"} <= core


async def test_bodies_may_be_yaml(client: Client) -> None:
    made = await client.ask("POST", f"{NS}/room/configmaps", b"metadata: {name: yam}\ndata: {a: b}\n", "application/yaml")
    assert made["data"] == {"a": "b"}


async def test_openapi_offers_field_validation_for_every_kind_that_can_be_patched(client: Client) -> None:
    await client.define_widgets()
    index = await client.ask("GET", "/openapi/v3")
    document = await client.ask("GET", index["paths"]["apis/probe.test/v1"]["serverRelativeURL"])
    patch = document["paths"]["/apis/probe.test/v1/namespaces/{namespace}/widgets/{name}"]["patch"]
    assert "fieldValidation" in [each["name"] for each in patch["parameters"]]
    assert patch["x-kubernetes-group-version-kind"] == {"group": "probe.test", "version": "v1", "kind": "Widget"}


class Hands:
    """A clock that goes on only where it is set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


async def test_every_time_that_is_told_is_of_the_clock_that_was_handed_in() -> None:
    server = ApiServer("test", clock=Hands(datetime(2001, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=14)))))
    await server.start()
    account, review = "/api/v1/namespaces/default/serviceaccounts", "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    apply = {
        "content_type": "application/apply-patch+yaml",
        "body": b"{apiVersion: v1, kind: ConfigMap, metadata: {name: applied}}",
    }
    async with aiohttp.ClientSession() as session:
        client = Client(session, server.url)
        answers = [
            *(await client.ask("POST", CRDS, DEFINITION), await client.ask("DELETE", f"{CRDS}/widgets.probe.test")),
            await client.ask("POST", account, {"metadata": {"name": "me", "finalizers": ["a/b"]}}),
            await client.ask("DELETE", f"{account}/me"),
            *(await client.ask("POST", review, {}), await client.ask("DELETE", "/api/v1/namespaces/kube-node-lease")),
            await client.ask("PATCH", f"{NS}/default/configmaps/applied?fieldManager=me", **apply),
        ]
    await server.stop()

    times = set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", str(answers)))
    assert times == {"2001-02-02T14:05:06Z"}


async def test_ages_are_told_as_of_the_clock_that_was_handed_in() -> None:
    clock = Hands(datetime(2001, 2, 3, tzinfo=UTC))
    server = ApiServer("test", clock=clock)
    await server.start()
    clock.moment += timedelta(days=400)
    accept = {"Accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
    async with (
        aiohttp.ClientSession(headers=accept) as session,
        session.get(f"{server.url}/api/v1/namespaces/default") as one,
        session.get(f"{server.url}/api/v1/namespaces") as listed,
        session.get(f"{server.url}/api/v1/namespaces?watch=true") as watched,
    ):
        told = await one.text(), await listed.text(), (await watched.content.readline()).decode()
    await server.stop()
    assert [re.findall(r'"(\d+d)"', each) for each in told] == [["400d"], ["400d"] * 4, ["400d"]]
