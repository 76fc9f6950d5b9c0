"""The proxy before both API servers: it counts, strikes where it is told to, and keeps the lab's credentials to itself."""

import asyncio
import base64
import json
import signal
import ssl
import sys
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from harness.lab.model import ClusterAccess, Clusters, Lab
from harness.move.proxy import NEVER, RequestFault, current, proxied
from harness.move.requests import MoverRequest, requests_of
from tests.bmc.certificates import self_signed

pytestmark = pytest.mark.dated

SECRET = "the-labs-own-token"
CHILD_SECONDS = 30
LOOP = """
import base64, json, ssl, sys, urllib.request
config = json.load(open(sys.argv[1]))
cluster, token = config["clusters"][0]["cluster"], config["users"][0]["user"]["token"]
trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
while True:
    request = urllib.request.Request(cluster["server"] + "/api", headers={"Authorization": "Bearer " + token})
    urllib.request.urlopen(request, context=trust).read()
"""


class ApiServer:
    """Answers everybody who has the lab's token, over TLS, and remembers who asked what."""

    def __init__(self):
        self.asked = []

    @asynccontextmanager
    async def serving(self, directory, name):
        place = directory / name
        place.mkdir()
        tls, certificate, _ = self_signed(place)
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        cluster = {"server": f"https://127.0.0.1:{runner.addresses[0][1]}/prefix", "certificate-authority": str(certificate)}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "lab",
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "lab"}}],
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": "lab", "user": {"token": SECRET}}],
        }
        (place / "kubeconfig").write_text(json.dumps(document))
        try:
            yield place / "kubeconfig"
        finally:
            await runner.cleanup()

    async def _answer(self, request):
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return web.json_response({"kind": "Status", "code": 401}, status=401)
        body = await request.text()
        self.asked.append((request.method, request.path_qs, request.headers.get("Content-Type", ""), body))
        if "missing" in request.path:
            return web.json_response({"kind": "Status", "reason": "NotFound"}, status=404)
        return web.json_response({"asked": request.path}, headers={"Warning": '299 - "old"'})


class Clients:
    """The proxy as a mover meets it."""

    def __init__(self, servers, session):
        self.servers = servers
        self.session = session
        self.proxy = None

    def access(self, side):
        config = json.loads(self.proxy.place(side).kubeconfig.read_text())
        return config["clusters"][0]["cluster"], config["users"][0]["user"]["token"]

    def ask(self, side, path="/api", method="GET", token=None, **more):
        cluster, own = self.access(side)
        trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        headers = {"Authorization": f"Bearer {token or own}"}
        return self.session.request(method, cluster["server"] + path, ssl=trust, headers=headers, **more)


@pytest.fixture
async def clients(tmp_path):
    async with AsyncExitStack() as stack:
        servers = {side: ApiServer() for side in ("source", "target")}
        files = {side: await stack.enter_async_context(server.serving(tmp_path, side)) for side, server in servers.items()}
        made = Clients(servers, await stack.enter_async_context(aiohttp.ClientSession()))
        made.lab = Lab(
            name="lab",
            path=tmp_path / "lab.yaml",
            clusters=Clusters(ClusterAccess(files["source"]), ClusterAccess(files["target"])),
        )
        made.directory = tmp_path / "run"
        yield made


@asynccontextmanager
async def through(clients, plan, look=None):
    async with proxied(clients.lab, clients.directory / "logs", plan, lambda: 1.5, look) as proxy:
        clients.proxy = proxy
        yield proxy


async def test_requests_are_counted_over_both_clusters_and_written_down(clients):
    async with through(clients, NEVER) as proxy:
        for side, path in (("source", "/api"), ("target", "/apis?timeout=30s"), ("source", "/missing")):
            async with clients.ask(side, path):
                pass

        assert proxy.made["requests"] == 3
    assert requests_of(clients.directory) == [
        MoverRequest(1, 1.5, "source", "GET", "/api", 200),
        MoverRequest(2, 1.5, "target", "GET", "/apis", 200),
        MoverRequest(3, 1.5, "source", "GET", "/missing", 404),
    ]


async def test_bodies_paths_statuses_and_warnings_pass_as_they_are(clients):
    async with through(clients, NEVER):
        headers = {"Content-Type": "application/merge-patch+json"}
        _, token = clients.access("target")
        headers["Authorization"] = f"Bearer {token}"
        cluster, _ = clients.access("target")
        trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        url = cluster["server"] + "/a%2Fb?x=1&y=%3D"
        async with clients.session.patch(aiohttp.client.URL(url, encoded=True), data=b"{}", headers=headers, ssl=trust) as answer:
            assert answer.headers["Warning"] == '299 - "old"'
            assert await answer.json() == {"asked": "/prefix/a/b"}
        async with clients.ask("target", "/missing") as answer:
            assert (answer.status, (await answer.json())["reason"]) == (404, "NotFound")

    assert clients.servers["target"].asked[0] == ("PATCH", "/prefix/a%2Fb?x=1&y=%3D", "application/merge-patch+json", "{}")


async def test_nobody_without_the_movers_token_gets_through_and_nobody_is_given_the_labs(clients):
    async with through(clients, NEVER) as proxy:
        async with clients.ask("source", token="wrong") as answer:
            assert answer.status == 401
        given = proxy.place("source").kubeconfig.read_text()
        mode = proxy.place("source").kubeconfig.parent.stat().st_mode

    assert proxy.made["requests"] == 0
    assert SECRET not in given
    assert mode & 0o077 == 0
    assert not proxy.place("source").kubeconfig.exists()


async def test_no_credential_is_in_what_is_written_down(clients):
    async with through(clients, RequestFault(2, "after", "cut", 60.0)):
        _, token = clients.access("source")
        async with clients.ask("source"):
            pass
        with pytest.raises(aiohttp.ClientError):
            await clients.ask("source")
    written = b"".join(path.read_bytes() for path in clients.directory.rglob("*") if path.is_file())

    assert b'"struck":true' in written
    assert SECRET.encode() not in written
    assert token.encode() not in written


@pytest.mark.parametrize(("when", "executed"), [("before", 2), ("after", 3)])
async def test_the_struck_request_was_executed_or_not_and_its_answer_never_comes(clients, when, executed):
    async with through(clients, RequestFault(3, when, "cut", 60.0)) as proxy:
        for side in ("source", "target"):
            async with clients.ask(side):
                pass
        with pytest.raises(aiohttp.ClientError):
            await clients.ask("source", "/struck")
        with pytest.raises(aiohttp.ClientError):
            await clients.ask("target", "/later")

        assert (proxy.struck.number, proxy.struck.path, proxy.struck.status) == (3, "/struck", 200 if when == "after" else 0)
    assert sum(len(server.asked) for server in clients.servers.values()) == executed


async def test_writes_alone_are_counted_where_the_plan_counts_writes(clients):
    async with through(clients, RequestFault(2, "before", "cut", 60.0, "writes")) as proxy:
        for method in ("GET", "POST", "GET", "GET"):
            async with clients.ask("source", method=method):
                pass
        with pytest.raises(aiohttp.ClientError):
            await clients.ask("target", "/struck", method="PATCH")

        assert (proxy.struck.number, proxy.struck.path, proxy.made["requests"], proxy.made["writes"]) == ((5, "/struck", 5, 2))


async def test_creates_alone_are_counted_where_the_plan_counts_creates(clients):
    async with through(clients, RequestFault(2, "before", "cut", 60.0, "creates")) as proxy:
        for method in ("POST", "PATCH", "GET", "DELETE"):
            async with clients.ask("source", method=method):
                pass
        with pytest.raises(aiohttp.ClientError):
            await clients.ask("target", "/struck", method="POST")

        assert (proxy.struck.number, proxy.struck.path) == (5, "/struck")
        assert proxy.made == {"requests": 5, "writes": 4, "creates": 2}


async def test_what_reads_after_a_struck_write_is_not_struck(clients):
    async with through(clients, RequestFault(1, "after", "cut", 0.0, "writes")) as proxy:
        with pytest.raises(aiohttp.ClientError):
            await clients.ask("source", method="POST")
        async with clients.ask("source") as answer:
            assert answer.status == 200

        assert proxy.struck.number == 1


async def test_a_write_is_held_while_it_is_looked_at_what_was_done_before_it(clients):
    looked = []

    async def look(asked):
        looked.append((asked.method, asked.path, len(clients.servers["source"].asked)))

    async with through(clients, NEVER, look):
        for method in ("GET", "POST", "PATCH"):
            async with clients.ask("source", f"/{method.lower()}", method=method):
                pass

    assert looked == [("POST", "/post", 1), ("PATCH", "/patch", 2)]


@pytest.mark.parametrize(("body", "name"), [(b'{"metadata": {"name": "a"}, "data": {"k": "v"}}', "a"), (b"k8s", ""), (b"[]", "")])
async def test_the_name_of_what_is_created_is_written_down_and_nothing_else_of_it(clients, body, name):
    async with through(clients, NEVER), clients.ask("source", method="POST", data=body):
        pass

    assert [request.name for request in requests_of(clients.directory)] == [name]
    assert b'"k"' not in (clients.directory / "logs" / "mover-requests.jsonl").read_bytes()


async def test_a_cut_heals(clients):
    async with through(clients, RequestFault(1, "before", "cut", 0.0)):
        with pytest.raises(aiohttp.ClientError):
            await clients.ask("source", method="POST")  # what is safe to repeat, aiohttp repeats by itself
        async with clients.ask("source", method="POST") as answer:
            assert answer.status == 200


async def test_the_mover_is_killed_at_its_request_and_makes_no_other(clients, tmp_path):
    async with through(clients, RequestFault(5, "after", "kill", 0.0)) as proxy:
        command = proxy.wrapped([sys.executable, "-c", LOOP, str(proxy.place("target").kubeconfig)])
        child = await asyncio.create_subprocess_exec(*command)
        async with asyncio.timeout(CHILD_SECONDS):
            assert await child.wait() == -signal.SIGKILL

        assert proxy.struck.number == proxy.made["requests"] == 5
    assert len(clients.servers["target"].asked) == 5


async def test_a_server_that_is_gone_is_gone_for_the_mover_too(clients):
    async with through(clients, NEVER) as proxy:
        for cluster in proxy._clusters.values():
            cluster.place = cluster.place._replace(address="https://127.0.0.1:1")
        with pytest.raises(aiohttp.ClientError):
            await clients.ask("source")

    assert requests_of(clients.directory)[0].status == 0


async def test_only_movers_within_the_block_go_through_it(clients):
    assert current() is None
    async with through(clients, NEVER) as proxy:
        assert current() is proxy
    assert current() is None
