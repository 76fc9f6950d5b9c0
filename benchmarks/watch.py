"""What a watch event costs: our sight on Kubernetes beside the Watch of kubernetes_asyncio, in one run against one server.

    python benchmarks/watch.py [--events 5000]

Three readers get the same events of BareMetalHosts (about 9.5 KB each) from a server in a process of its own, one after the other:
our stream with the decoding of its envelope, our whole sight (facts with merge patches, raw bodies compressed, journal on disk),
and the peer's Watch, which only hands each event out. Printed are microseconds of CPU an event, and the ratios to the peer.
"""
# ruff: noqa: INP001, T201 - a script that prints is what this is

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from kubernetes_asyncio import client, config, watch

from harness.journal.facts import ObjectSeen
from harness.journal.journal import Journal
from harness.kube.client import open_cluster
from harness.sight.kube.cluster import KubeSight
from harness.sight.kube.kinds import Kind
from harness.sight.kube.objects.bodies import BodyStore
from harness.sight.kube.wire import read_line

GROUP, VERSION, PLURAL = "metal3.io", "v1alpha1", "baremetalhosts"
COLLECTION = f"/apis/{GROUP}/{VERSION}/namespaces/metal3/{PLURAL}"
HOSTS = 50
NICS = 66
"""So many network cards make a host of 9.5 KB."""

LIMIT_SECONDS = 120.0


def event(number: int) -> bytes:
    """One line: each host appears once, and is then changed again and again."""
    host = number % HOSTS
    nics = [
        {"name": f"eth{nic}", "mac": f"52:54:00:00:{host:02x}:{nic:02x}", "model": "0x1af4 0x0001", "speedGbps": 10}
        for nic in range(NICS)
    ]
    managed = [{"manager": name, "fieldsV1": {f"f:{field}": {"f:value": {}} for field in range(60)}} for name in ("bmo", "capm3")]
    body = {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "BareMetalHost",
        "metadata": {
            "name": f"node-{host}",
            "namespace": "metal3",
            "uid": f"uid-{host}",
            "resourceVersion": str(1000 + number),
            "managedFields": managed,
        },
        "spec": {"online": True, "bmc": {"address": f"redfish://10.0.0.{host}"}},
        "status": {"hardware": {"nics": nics, "ramMebibytes": 65536}, "lastUpdated": number, "poweredOn": number % 3 == 0},
    }
    return json.dumps({"type": "ADDED" if number < HOSTS else "MODIFIED", "object": body}).encode() + b"\n"


async def serve(events: int) -> None:
    """The server: discovery, an empty list, and a watch that tells everything at once."""
    lines = [event(number) for number in range(events)]

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/apis":
            group = {"name": GROUP, "versions": [{"version": VERSION}], "preferredVersion": {"version": VERSION}}
            return web.json_response({"groups": [group]})
        if request.path != COLLECTION:
            return web.json_response({"resources": [{"name": PLURAL, "kind": "BareMetalHost", "namespaced": True}]})
        if "watch" not in request.query:
            return web.json_response({"metadata": {"resourceVersion": "1"}, "items": []})
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for line in lines:
            await response.write(line)
        await asyncio.sleep(LIMIT_SECONDS)
        return response

    app = web.Application()
    app.router.add_route("GET", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], sum(map(len, lines)) // events, flush=True)
    await asyncio.get_running_loop().connect_read_pipe(_Ending, sys.stdin)
    await asyncio.sleep(LIMIT_SECONDS * 3)


class _Ending(asyncio.Protocol):
    """The parent has gone."""

    def connection_lost(self, _error: Exception | None) -> None:
        raise SystemExit


@asynccontextmanager
async def server(events: int) -> AsyncIterator[tuple[str, int]]:
    """The server as a child process: its URL, and the size of an event."""
    arguments = (sys.executable, __file__, "--serve", "--events", str(events))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe)
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    try:
        port, size = (await process.stdout.readline()).split()
        yield f"http://127.0.0.1:{int(port)}", int(size)
    finally:
        process.terminate()
        await process.wait()


async def our_stream(kubeconfig: Path, _directory: Path, events: int) -> None:
    """Lines, and their envelopes."""
    async with open_cluster(kubeconfig) as cluster:
        params = {"watch": "true", "resourceVersion": "1"}
        async with cluster.stream(COLLECTION, params, idle_seconds=LIMIT_SECONDS) as lines:
            for _ in range(events):
                read_line(cluster.place, await lines.next())


async def our_sight(kubeconfig: Path, directory: Path, events: int) -> None:
    """Everything a run does with an event."""
    journal = Journal(directory)
    with BodyStore(directory) as bodies:
        async with open_cluster(kubeconfig) as cluster:
            kinds = [Kind("BareMetalHost", GROUP)]
            key = secrets.token_bytes(32)
            sight = KubeSight(cluster, "source", journal, kinds=kinds, namespace="metal3", bodies=bodies, key=key)
            running = asyncio.create_task(sight.run())
            count = 0
            async for entry in journal.follow():
                count += isinstance(entry.fact, ObjectSeen)
                if count == events:
                    break
            running.cancel()
            await asyncio.wait([running])
    journal.close()


async def their_watch(kubeconfig: Path, _directory: Path, events: int) -> None:
    """The peer: each event as it hands it out."""
    await config.load_kube_config(config_file=str(kubeconfig))
    async with client.ApiClient() as api:
        hosts = client.CustomObjectsApi(api)
        watcher = watch.Watch()
        count = 0
        async for _ in watcher.stream(
            hosts.list_namespaced_custom_object, GROUP, VERSION, "metal3", PLURAL, resource_version="1"
        ):
            count += 1
            if count == events:
                break
        await watcher.close()


async def measure(events: int) -> None:
    """Run all three, the best of two, and print."""
    readers: list[Callable[[Path, Path, int], Awaitable[None]]] = [our_stream, our_sight, their_watch]
    costs: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        async with server(events) as (url, size), asyncio.timeout(LIMIT_SECONDS * 2):
            kubeconfig = directory / "kubeconfig"
            cluster = {"name": "a", "cluster": {"server": url}}
            context = {"name": "a", "context": {"cluster": "a", "user": "a"}}
            users = [{"name": "a", "user": {"token": "a"}}]
            document = {"current-context": "a", "clusters": [cluster], "contexts": [context], "users": users}
            kubeconfig.write_text(json.dumps(document))
            print(f"{events} events of {size} bytes")
            for attempt in range(2):
                for reader in readers:
                    began = time.process_time()
                    await reader(kubeconfig, directory / f"{reader.__name__}-{attempt}", events)
                    cost = (time.process_time() - began) / events * 1e6
                    costs[reader.__name__] = min(cost, costs.get(reader.__name__, cost))
    peer = costs[their_watch.__name__]
    for reader in readers:
        cost = costs[reader.__name__]
        print(f"{reader.__name__:12} {cost:7.1f} µs CPU an event, {cost / peer:5.2f} of the peer's")


def main() -> None:
    """Measure, or serve for the one who measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    asyncio.run((serve if arguments.serve else measure)(arguments.events))


if __name__ == "__main__":
    main()
