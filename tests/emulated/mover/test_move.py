"""A move by our own mover, between two API servers."""

import asyncio
import os
import random
import signal

import pytest
from aiohttp import web

from harness.emulated.kube.resources import CLUSTERS, HOSTS, SECRETS
from harness.emulated.mover.api.backoff import BLOCK_MOVE, READ, WRITE
from harness.emulated.seed.steady import CUSTOM

NS = "metal3"
STATUS = "baremetalhost.metal3.io/status"


def refusing(reason, code, meant):
    def refuse(name, request, text):
        if not meant(request, text):
            return None
        body = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "reason": reason,
            "message": f"no: {reason}",
            "code": code,
        }
        return web.json_response(body, status=code)

    return refuse


async def test_everything_arrives_and_the_source_is_empty(pair):
    before = await pair.objects("source", CUSTOM)
    said = await pair.move()
    assert said.code == 0
    moved = {key for key in before if key[0] not in ("HostFirmwareSettings", "HostFirmwareComponents", "FirmwareSchema")}
    after = await pair.objects("target", CUSTOM)
    assert set(after) == moved
    assert not moved & set(await pair.objects("source", CUSTOM))
    assert after["Cluster", "lab"]["spec"].get("paused") is None
    assert all("status" not in after["BareMetalHost", name] for name in ("node-0", "node-1", "node-2"))


async def test_owners_are_known_by_their_new_uid(pair):
    await pair.move()
    after = await pair.objects("target", (*CUSTOM, SECRETS))
    uids = {body["metadata"]["uid"] for body in after.values()}
    owners = {one["uid"] for body in after.values() for one in body["metadata"].get("ownerReferences", [])}
    assert owners
    assert owners <= uids


async def test_the_mover_owns_no_field_of_what_it_made(pair):
    await pair.move()
    host = await pair.clients["target"].get(HOSTS, "node-1", NS)
    assert [one["manager"] for one in host["metadata"]["managedFields"]] == ["lab", "lab"]


async def test_deleting_replaces_every_annotation_of_the_source_just_before(pair):
    source = pair.clients["source"]
    host = await source.get(HOSTS, "node-1", NS)
    await source.merge_patch(HOSTS, host, {"metadata": {"annotations": {STATUS: "{}"}}})
    await pair.move()
    about = [one for one in pair.requests if one.cluster == "source" and one.path.endswith("/baremetalhosts/node-1")]
    assert [one.method for one in about][-4:] == ["GET", "PATCH", "DELETE", "PATCH"]
    value = {"clusterctl.cluster.x-k8s.io/delete-for-move": ""}
    assert about[-3].body == [{"op": "add", "path": "/metadata/annotations", "value": value}]
    assert about[-1].body == {"metadata": {"finalizers": []}}
    copy = await pair.clients["target"].get(HOSTS, "node-1", NS)
    assert copy["metadata"]["annotations"] == {STATUS: "{}"}


async def test_a_failing_object_does_not_keep_its_group_back_but_stops_the_next(pair):
    pair.refuse = refusing("Invalid", 422, lambda request, text: request.method == "POST" and '"name":"node-1"' in text)
    said = await pair.move()
    assert said.code == 1
    where = '"metal3.io/v1alpha1, Kind=BareMetalHost" metal3/node-1'
    assert said.lines[-1] == f"Error: action failed after 13 attempts: error creating {where}: no: Invalid"
    assert len(said.with_start('Creating BareMetalHost="node-1"')) == 13
    assert len(said.with_start("Retrying with backoff cause=")) == 12
    after = await pair.objects("target", CUSTOM)
    assert {("BareMetalHost", "node-0"), ("Cluster", "lab"), ("Metal3DataTemplate", "lab-cp")} <= set(after)
    assert ("Machine", "lab-cp-0") not in after
    assert (await pair.clients["source"].get(CLUSTERS, "lab", NS))["spec"]["paused"] is True


async def test_all_failures_of_a_group_are_told(pair):
    pair.refuse = refusing("Forbidden", 403, lambda request, _: request.method == "DELETE" and "/ipaddresses/" in request.path)
    said = await pair.move()
    assert said.code == 1
    assert said.lines[-1].startswith("Error: [action failed after 13 attempts: error deleting ")
    assert said.lines[-1].count("error deleting") == 2


async def test_a_block_that_is_never_lifted_ends_the_move_with_the_source_paused(pair):
    source = pair.clients["source"]
    host = await source.get(HOSTS, "node-1", NS)
    await source.merge_patch(HOSTS, host, {"metadata": {"annotations": {"clusterctl.cluster.x-k8s.io/block-move": ""}}})
    said = await pair.move()
    why = "resource is not ready to move: metal3.io/v1alpha1, Kind=BareMetalHost/metal3/node-1"
    prefix = "error waiting for resources to be ready to move: action failed after 10 attempts"
    assert (said.code, said.lines[-1]) == (1, f"Error: {prefix}: {why}")
    assert len(said.with_start("Move blocked by ")) == 1
    assert (await source.get(CLUSTERS, "lab", NS))["spec"]["paused"] is True
    assert await pair.objects("target", [HOSTS, CLUSTERS]) == {}


async def test_a_second_move_of_nothing_succeeds(pair):
    await pair.move()
    said = await pair.move()
    assert said.code == 0
    assert "Moving Cluster API objects Clusters=0" in said.lines


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_kills_it_at_once_and_nothing_is_tidied_up(pair, number):
    reached = asyncio.Event()

    def hold(name, request, text):
        if name == "target" and request.method == "POST":
            reached.set()

    pair.refuse = hold
    child = await pair.start()
    await reached.wait()
    os.kill(child.pid, number)
    _, errors = await child.communicate()
    assert child.returncode == -number
    assert b"Traceback" not in errors
    pair.refuse = None
    assert (await pair.clients["source"].get(CLUSTERS, "lab", NS))["spec"]["paused"] is True


@pytest.mark.slow
async def test_the_same_seed_gives_the_same_order(pair, make_pair):
    first = await pair.move(seed="7")
    async with make_pair() as again, make_pair() as other:
        second, third = await again.move(seed="7"), await other.move(seed="8")
    assert first.lines == second.lines
    assert sorted(third.lines) == sorted(first.lines)
    assert third.lines != first.lines


async def test_a_server_that_drops_a_call_is_told_and_tried_again(pair):
    dropped = []

    def drop(name, request, text):
        if name == "target" and request.method == "POST" and request.path.endswith("/clusters") and not dropped:
            dropped.append(request)
            request.transport.abort()
            return web.Response()
        return None

    pair.refuse = drop
    said = await pair.move()
    assert said.code == 0
    (line,) = said.with_start("Retrying with backoff")
    assert line.endswith(': EOF"')


async def test_warnings_of_a_server_are_passed_on_but_for_the_hidden_ones(pair):
    texts = [
        'metadata.finalizers: "x.metal3.io": prefer a domain-qualified finalizer name',
        "a.b is deprecated; use c.d",
        "mind this",
    ]

    def warn(name, request, text):
        if name == "target" and request.path == "/version":
            answer = web.json_response({"gitVersion": "v1.36.0"})
            for one in texts:
                answer.headers.add("Warning", '299 - "{}"'.format(one.replace('"', '\\"')))
            return answer
        return None

    pair.refuse = warn
    shown = (await pair.move(more=["--dry-run"])).with_start("[API Server Warning]")
    assert shown == []  # a dry run does not call the target
    shown = (await pair.move()).with_start("[API Server Warning] ")
    own = [line for line in shown if line.removeprefix("[API Server Warning] ") in texts]
    assert own == [f"[API Server Warning] {texts[0]}", f"[API Server Warning] {texts[2]}"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "invalid kubeconfig"),
        ("clusters: [", "invalid kubeconfig"),
        ("current-context: x\ncontexts: []", 'no "x" among its contexts'),
    ],
)
async def test_a_bad_kubeconfig_is_an_error_in_one_line(pair, content, says):
    (pair.directory / "target.yaml").write_text(content)
    said = await pair.move()
    assert said.code == 1
    assert says in said.lines[-1]
    assert said.lines[-1].startswith("Error: ")
    assert not said.with_start("Traceback")


@pytest.mark.parametrize(("backoff", "least", "most"), [(READ, 12.3, 13.5), (WRITE, 128, 180), (BLOCK_MOVE, 374, 412)])
def test_patience_is_that_of_upstream(backoff, least, most):
    for seed in range(50):
        pauses = list(backoff.pauses(random.Random(seed)))
        assert len(pauses) == backoff.attempts - 1
        assert least <= sum(pauses) <= most
