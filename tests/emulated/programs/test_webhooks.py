"""What a manager's webhook server is asked, and what an API server is told of it."""

import ssl

import pytest
from aiohttp import ClientError, web

from harness.emulated.apiserver import ApiServer
from harness.emulated.kube import crds
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import CRDS
from harness.emulated.programs.webhooks import CONFIGURATIONS, MUTATING, VALIDATING, WebhookServer, install
from harness.processes.parts.certificates import Authority

HERE = "127.0.0.1"
MACHINE = "/validate-infrastructure-cluster-x-k8s-io-v1beta2-metal3machine"
HOST = "/validate-metal3-io-v1alpha1-baremetalhost"
POOL = "/mutate-ipam-metal3-io-v1alpha1-ippool"


@pytest.fixture
async def client():
    server = ApiServer("test")
    await server.start()
    async with Client(server.url, server.token) as client:
        for definition in crds.definitions():
            await client.create(CRDS, definition)
        yield client
    await server.stop()


@pytest.fixture
async def serving(tmp_path, unused_tcp_port):
    """Starts a server of these paths, by TLS."""
    runners = []
    authority = Authority(tmp_path)

    async def start(*paths: str) -> WebhookServer:
        app = web.Application()
        for path in paths:
            app.router.add_route("*", path, answer)
        runners.append(runner := web.AppRunner(app))
        await runner.setup()
        trust = ssl_context(*authority.issue("webhooks", (HERE,)))
        await web.TCPSite(runner, HERE, unused_tcp_port, ssl_context=trust).start()
        return WebhookServer(f"https://{HERE}:{unused_tcp_port}", authority.certificate)

    yield start
    for runner in runners:
        await runner.cleanup()


async def answer(_request: web.Request) -> web.Response:
    return web.json_response({})


def ssl_context(certificate, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


async def installed(client, kind) -> dict:
    items = (await client.list_all(CONFIGURATIONS[kind]))["items"]
    return {item["metadata"]["name"]: [hook["clientConfig"]["url"] for hook in item["webhooks"]] for item in items}


async def test_without_manifests_all_that_the_manager_serves_is_called(client, serving):
    server = await serving(MACHINE, POOL, "/convert")
    await install(client, "capm3", server, [])

    assert await installed(client, VALIDATING) == {"capm3": [server.url + MACHINE]}
    assert await installed(client, MUTATING) == {"capm3": [server.url + POOL]}
    (configuration,) = (await client.list_all(CONFIGURATIONS[VALIDATING]))["items"]
    assert configuration["webhooks"][0]["rules"] == [
        {
            "apiGroups": ["infrastructure.cluster.x-k8s.io"],
            "apiVersions": ["v1beta2"],
            "operations": ["CREATE", "UPDATE"],
            "resources": ["metal3machines"],
            "scope": "*",
        }
    ]


async def test_without_manifests_the_versions_of_its_own_kinds_are_converted_by_it(client, serving):
    server = await serving(MACHINE, HOST, "/convert")
    await install(client, "capm3", server, [])
    converted = {
        item["metadata"]["name"]
        for item in (await client.list_all(CRDS))["items"]
        if item["spec"].get("conversion", {}).get("strategy") == "Webhook"
    }

    assert converted == {"metal3machines.infrastructure.cluster.x-k8s.io"}  # a BareMetalHost has one version


async def test_webhooks_of_another_manager_in_the_same_manifests_are_left_out(client, serving):
    server = await serving(MACHINE)
    needed = {"sideEffects": "None", "admissionReviewVersions": ["v1"]}
    told = [
        {"kind": VALIDATING, "apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": name}, "webhooks": hooks}
        for name, hooks in {
            "capm3-both": [{"name": "a.b.c", "clientConfig": server.client(path), **needed} for path in (MACHINE, POOL)],
            "capm3-ipam": [{"name": "d.e.f", "clientConfig": server.client(POOL), **needed}],
        }.items()
    ]
    await install(client, "capm3", server, told)
    await install(client, "capm3", server, told)  # as after a restart

    assert await installed(client, VALIDATING) == {"capm3-both": [server.url + MACHINE]}


async def test_a_server_that_does_not_listen_yet_is_no_server_without_webhooks(client, tmp_path, unused_tcp_port):
    server = WebhookServer(f"https://{HERE}:{unused_tcp_port}", Authority(tmp_path).certificate)
    with pytest.raises(ClientError):
        await install(client, "bmo", server, [])

    assert await installed(client, VALIDATING) == {}
