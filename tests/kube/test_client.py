"""The door to a cluster: every broken kubeconfig and every refusal ends in one clear sentence."""

import asyncio
import base64
import json
import os
import ssl
import sys

import pytest
from aiohttp import web

from harness.journal.journal import Journal
from harness.kube.client import open_cluster
from harness.kube.errors import ClusterError
from harness.processes.parts.certificates import Authority
from tests.sight.kube.server import CLUSTERS, HOSTS, NODES, TOKEN, KubeServer, always, kubeconfig

pytestmark = pytest.mark.dated

HOSTS_PATH = "/apis/metal3.io/v1alpha1/namespaces/metal3/baremetalhosts"
SECRET = "a-token-nobody-may-see"


@pytest.fixture
def server(tmp_path):
    journal = Journal(tmp_path / "run")
    yield KubeServer([HOSTS, NODES, CLUSTERS], journal.now)
    journal.close()


def _document(server="http://127.0.0.1:1", user=None, **cluster):
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "lab"}}],
        "clusters": [{"name": "lab", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "lab", "user": {"token": SECRET} if user is None else user}],
    }


def _file(directory, document):
    path = directory / "lab.kubeconfig"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def _broken():
    no_server = _document(**{"insecure-skip-tls-verify": True})
    del no_server["clusters"][0]["cluster"]["server"]
    no_cluster = {**_document(), "clusters": []}
    return {
        "empty": ("", "is empty"),
        "no YAML": (f"users:\n- token: {SECRET}\n  a: b: c", "no YAML at line 3"),
        "no mapping": ("- a\n- b\n", "wrong form"),
        "no server": (no_server, "names no server"),
        "no cluster": (no_cluster, "lab"),
        "no user": ({**_document(), "users": [{"name": "lab", "token": SECRET}]}, "user"),
        "no context": ({**_document(), "current-context": "other"}, "other"),
        "no certificate": (_document("https://127.0.0.1:1", **{"certificate-authority-data": "bm9uZQ=="}), "not usable"),
        "no certificate file": (
            _document("https://127.0.0.1:1", **{"certificate-authority": "/nowhere/ca.crt"}),
            "/nowhere/ca.crt",
        ),
        "no plugin": (
            _document(user={"exec": {"apiVersion": "v1", "command": "/nowhere/plugin", "token": SECRET}}),
            "/nowhere/plugin",
        ),
        "half a plugin": (_document(user={"exec": {"command": "x", "token": SECRET}}), "apiVersion"),
    }


@pytest.mark.parametrize("case", _broken())
async def test_a_broken_kubeconfig_is_told_by_name_and_without_its_secrets(tmp_path, case):
    document, says = _broken()[case]
    path = _file(tmp_path, document)
    with pytest.raises(ClusterError) as caught:
        async with open_cluster(path, name="source"):
            pass
    text = str(caught.value)
    assert text.startswith("cluster source: ")
    assert str(path) in text
    assert says in text
    assert SECRET not in text
    assert "\n" not in text


async def test_a_kubeconfig_that_is_not_there_is_told_by_its_path(tmp_path):
    with pytest.raises(ClusterError, match=r"cluster target: no kubeconfig can be read at .*/no \(No such file or directory\)"):
        async with open_cluster(tmp_path / "no", name="target"):
            pass


async def test_a_server_that_is_not_there_is_told_by_its_address(tmp_path):
    async with open_cluster(_file(tmp_path, _document()), name="source") as cluster:
        with pytest.raises(
            ClusterError, match=r"cluster source \(http://127.0.0.1:1\): cannot be reached .*is the API server up"
        ):
            await cluster.get_json("/version")


async def test_refused_credentials_name_the_file_to_renew(tmp_path, server):
    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url, "old"), name="source") as cluster:
        with pytest.raises(ClusterError, match=r"401 Unauthorized.*renew the credentials in .*lab.kubeconfig") as caught:
            await cluster.get_json(HOSTS_PATH)
    assert caught.value.status == 401
    assert "old" not in str(caught.value)


async def test_a_token_file_may_end_in_a_newline_as_editors_write_it(tmp_path, server):
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    user = {"tokenFile": str(tmp_path / "token")}
    async with server.running(), open_cluster(_file(tmp_path, _document(server.url, user))) as cluster:
        assert await cluster.list_all(HOSTS_PATH) == []


async def test_a_token_that_was_renewed_in_the_file_is_used_without_a_restart(tmp_path, server):
    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url), name="source") as cluster:
        await cluster.list_all(HOSTS_PATH)
        server.token = "renewed"
        kubeconfig(tmp_path, server.url, "renewed")
        assert await asyncio.gather(*(cluster.list_all(HOSTS_PATH) for _ in range(5))) == [[]] * 5


async def test_an_exec_plugin_logs_in_and_again_when_its_token_is_refused(tmp_path, server):
    token = tmp_path / "token"
    token.write_text(TOKEN)
    answer = "{'apiVersion': 'client.authentication.k8s.io/v1', 'kind': 'ExecCredential', 'status': {'token': open(sys.argv[1]).read()}}"
    says = f"import json, sys; print(json.dumps({answer}))"
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": ["-c", says, str(token)]}
    async with server.running(), open_cluster(_file(tmp_path, _document(server.url, {"exec": plugin}))) as cluster:
        assert await cluster.list_all(HOSTS_PATH) == []
        server.token = "second"
        token.write_text("second")
        assert await cluster.list_all(HOSTS_PATH) == []


async def test_a_page_of_html_is_an_error_and_not_an_object(tmp_path, server):
    server.fault = always("html")
    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url)) as cluster:
        with pytest.raises(ClusterError, match=r"answered GET .*baremetalhosts with 503 Service Unavailable: <html>.*text/html"):
            await cluster.list_all(HOSTS_PATH)
        server.fault = always("empty")
        with pytest.raises(ClusterError, match="is this address an API server"):
            await cluster.get_json(HOSTS_PATH)


async def test_a_server_that_says_nothing_is_given_up(tmp_path, server):
    server.fault = always("silence")
    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url)) as cluster:
        with pytest.raises(ClusterError, match=r"did not answer GET .* within 0.1 s"):
            await cluster.list_raw(HOSTS_PATH, answer_seconds=0.1)


async def test_a_list_is_one_state_however_many_pages_it_takes(tmp_path, server):
    for number in range(7):
        server.write(HOSTS, f"node-{number}")
    pages = []

    def fault(what):
        pages.append(what)
        if len(pages) == 2:
            server.write(HOSTS, "node-9")

    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url)) as cluster:
        server.fault = fault
        listing = await cluster.list_raw(HOSTS_PATH, page_items=3)
    assert len(pages) == 3
    assert (listing.version, len(listing.items)) == ("107", 7)


async def test_a_list_whose_state_expires_between_pages_is_asked_for_in_one_piece(tmp_path, server):
    for number in range(7):
        server.write(HOSTS, f"node-{number}")
    pages = []

    def fault(what):
        pages.append(what)
        if len(pages) == 2:
            server.write(HOSTS, "node-9")
            server.compact()

    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url)) as cluster:
        server.fault = fault
        listing = await cluster.list_raw(HOSTS_PATH, page_items=3)
    assert (listing.version, len(listing.items)) == ("108", 8)


async def test_writes_say_what_kind_of_patch_they_are(tmp_path, server):
    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url)) as cluster:
        path = f"{HOSTS_PATH}/node-0"
        await cluster.create(HOSTS_PATH, {"a": 1})
        await cluster.put(path, {"a": 2})
        await cluster.patch_merge(path, {"a": None})
        await cluster.patch_json(path, [{"op": "remove", "path": "/a"}])
        await cluster.delete(path, {"propagationPolicy": "Background"})
        await cluster.delete(path)
    assert server.written == [
        ("POST", HOSTS_PATH, "application/json", {"a": 1}),
        ("PUT", path, "application/json", {"a": 2}),
        ("PATCH", path, "application/merge-patch+json", {"a": None}),
        ("PATCH", path, "application/json-patch+json", [{"op": "remove", "path": "/a"}]),
        ("DELETE", path, "application/json", {"propagationPolicy": "Background"}),
        ("DELETE", path, "application/octet-stream", None),
    ]


async def test_discovery_finds_where_a_kind_is_served(tmp_path, server):
    old = CLUSTERS._replace(version="v1beta1")
    server.served.append(old)
    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url)) as cluster:
        found = await cluster.resource("metal3.io", "BareMetalHost")
        assert found.path("metal3", "node-0") == f"{HOSTS_PATH}/node-0"
        assert found.api_version == "metal3.io/v1alpha1"
        node = await cluster.resource("", "Node")
        assert node.path("metal3") == "/api/v1/nodes"
        assert await cluster.resource("metal3.io", "HardwareData") is None
        assert await cluster.resource("nobody.io", "BareMetalHost") is None
        server.fault = always("404")
        with pytest.raises(ClusterError):
            await cluster.resource("nobody.io", "BareMetalHost")


async def test_more_watches_than_a_usual_pool_leave_room_for_calls(tmp_path, server):
    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url)) as cluster, asyncio.timeout(20):
        params = {"watch": "true", "resourceVersion": "100", "timeoutSeconds": "60"}
        streams = [cluster.stream(HOSTS_PATH, params, idle_seconds=60) for _ in range(120)]
        for stream in streams:
            await stream.__aenter__()
        assert await cluster.list_all(HOSTS_PATH) == []
        for stream in streams:
            await stream.__aexit__(None, None, None)


async def test_a_proxy_of_the_environment_is_not_asked_for_a_loopback_address(tmp_path, server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url)) as cluster:
        assert await cluster.list_all(HOSTS_PATH) == []


# --- TLS ---


async def _secure(app, authority):
    """Serve an app over TLS, to clients with a certificate of the same authority; the runner and its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.certificate)
    context.load_cert_chain(*authority.issue("server", ("127.0.0.1",)))
    context.verify_mode = ssl.CERT_REQUIRED
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return runner, runner.addresses[0][1]


def _inline(**files):
    """The contents of files as members of a kubeconfig."""
    return {f"{name.replace('_', '-')}-data": base64.b64encode(path.read_bytes()).decode() for name, path in files.items()}


ASKED_TWICE = """
import asyncio, os, sys
from pathlib import Path
from harness.kube.client import open_cluster

async def main(kubeconfig):
    for _ in range(2):
        async with open_cluster(Path(kubeconfig)) as cluster:
            print(os.listdir(os.environ["TMPDIR"]), await cluster.get_json("/version"))

asyncio.run(main(sys.argv[1]))
"""


async def asked_twice(kubeconfig, scratch) -> list[str]:
    """What lies in the temporary directory, and who the server says that we are, from a process that has that directory."""
    environment = {**os.environ, "TMPDIR": str(scratch)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ASKED_TWICE, str(kubeconfig), env=environment, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    return said.decode().splitlines()


async def test_inline_certificates_are_used_and_leave_no_key_on_the_disk(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    authority, stranger = Authority(tmp_path / "ours"), Authority(tmp_path / "another")
    certificate, key = authority.issue("client", ())
    app = web.Application()

    async def who(request):
        peer = dict(pair[0] for pair in request.transport.get_extra_info("peercert")["subject"])
        return web.json_response({"user": peer["commonName"]})

    app.router.add_get("/version", who)
    runner, port = await _secure(app, authority)
    login = _inline(client_certificate=certificate, client_key=key)
    trust = _inline(certificate_authority=authority.certificate)
    document = _document(f"https://127.0.0.1:{port}", login, **trust)
    try:
        assert await asked_twice(_file(tmp_path, document), scratch) == ["[] {'user': 'client'}"] * 2
        wrong_trust = _inline(certificate_authority=stranger.certificate)
        document = _document(f"https://127.0.0.1:{port}", login, **wrong_trust)
        async with open_cluster(_file(tmp_path, document)) as cluster:
            with pytest.raises(ClusterError, match="certificate is not trusted"):
                await cluster.get_json("/version")
    finally:
        await runner.cleanup()
    assert list(scratch.iterdir()) == []
