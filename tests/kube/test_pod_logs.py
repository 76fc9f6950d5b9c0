"""The logs of who is about to be removed: kept by container, without a secret, and nothing fails for want of one."""

import pytest
from aiohttp import web

from harness.bench.bench import Bench
from harness.journal.journal import Journal
from harness.kube.client import open_cluster
from harness.world.ironic.pods import is_pod_of_ironic
from tests.sight.kube.server import kubeconfig

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAKj34\n-----END RSA PRIVATE KEY-----"
LOG = f"it begins\npassword=hunter2 is told\n{KEY}\nit ends\n"


def pod(name, *containers):
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": each} for each in containers]}}


@pytest.fixture
async def url():
    """An API server with Pods, one of whose containers has no log."""

    async def pods(_):
        items = [pod("ironic-1", "api", "dnsmasq", "none"), pod("other-1", "api")]
        return web.json_response({"metadata": {"resourceVersion": "1"}, "items": items})

    async def log(request):
        if request.query["container"] == "none":
            return web.json_response({"message": "waiting to start"}, status=400)
        return web.Response(text=LOG)

    application = web.Application()
    application.add_routes([web.get("/api/v1/namespaces/x/pods", pods), web.get("/api/v1/namespaces/x/pods/{name}/log", log)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
def bench(tmp_path):
    journal = Journal(tmp_path / "run")
    yield Bench(None, tmp_path / "run", journal, {})
    journal.close()


def is_ironic(body):
    return is_pod_of_ironic(body, "ironic")


async def test_each_container_has_a_file_and_no_secret_is_in_it(tmp_path, url, bench):
    async with open_cluster(kubeconfig(tmp_path, url), name="source") as cluster:
        bench.clusters = {"source": cluster}
        said = await bench.keep_logs("source", "x", is_ironic)

    assert said == "the logs of 2 containers are kept in logs/; the log of ironic-1/none was not given (400)"
    kept = {path.name: path.read_text() for path in (tmp_path / "run" / "logs").iterdir()}
    assert sorted(kept) == ["source-ironic-1-api.log", "source-ironic-1-dnsmasq.log"]
    assert kept["source-ironic-1-api.log"] == "it begins\npassword=*** is told\n***\nit ends\n"


async def test_nothing_fails_where_nobody_gives_a_log(tmp_path, bench):
    async with open_cluster(kubeconfig(tmp_path, "http://127.0.0.1:1"), name="source") as cluster:
        bench.clusters = {"source": cluster}
        assert (await bench.keep_logs("source", "x", is_ironic)).startswith("its logs cannot be kept: cluster source")
