"""The real kubectl against the emulated server."""

import asyncio
import json
import os
from pathlib import Path

import pytest
import yaml

from harness.emulated.apiserver import ApiServer
from tests.emulated.apiserver.binaries import needed
from tests.emulated.apiserver.client import Client
from tests.emulated.apiserver.samples import DEFINITION, WIDGETS, deployment, widget

pytestmark = pytest.mark.real
STEP_SECONDS = 30


class Kubectl:
    def __init__(self, server: ApiServer, directory: Path) -> None:
        self.directory, self.binary = directory, needed("kubectl")
        self.file("kubeconfig", server.kubeconfig())

    def file(self, name: str, *bodies: dict) -> str:
        path = self.directory / name
        path.write_text(yaml.safe_dump_all(bodies))
        return str(path)

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        environment = {"HOME": str(self.directory), "KUBECONFIG": str(self.directory / "kubeconfig"), "PATH": os.environ["PATH"]}
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            self.binary, *arguments, stdout=pipe, stderr=asyncio.subprocess.STDOUT, env=environment
        )

    async def __call__(self, line: str, code: int = 0) -> str:
        """Run a line of arguments; what it says. Its exit code must be this one."""
        process = await self.start(*line.split())
        async with asyncio.timeout(STEP_SECONDS):
            said, _ = await process.communicate()
        assert process.returncode == code, f"kubectl {line}: {process.returncode}\n{said.decode()}"
        return said.decode()


@pytest.fixture
async def kubectl(server: ApiServer, client: Client, tmp_path: Path) -> Kubectl:
    await client.define_widgets()
    return Kubectl(server, tmp_path)


async def test_apply_creates_leaves_alone_and_changes(kubectl: Kubectl) -> None:
    body = widget("one", size=1) | {"metadata": {"name": "one", "namespace": "room"}}
    path = kubectl.file("widget.yaml", body)
    assert "created" in await kubectl(f"apply -f {path}")
    assert "unchanged" in await kubectl(f"apply -f {path}")
    kubectl.file("widget.yaml", body | {"spec": {"size": 2}})
    await kubectl(f"diff -f {path}", 1)
    assert "configured" in await kubectl(f"apply -f {path}")
    kubectl.file("widget.yaml", body | {"spec": {"size": 2, "bogus": 1}})
    assert 'unknown field "spec.bogus"' in await kubectl(f"apply -f {path}", 1)
    kubectl.file("widget.yaml", body | {"spec": {"size": 2}})
    assert "serverside-applied" in await kubectl(f"apply --server-side -f {path}")
    kubectl.file("widget.yaml", body | {"spec": {"size": 3}})
    assert "serverside-applied" in await kubectl(f"apply --server-side -f {path}")
    assert json.loads(await kubectl("-n room get wd one -o json"))["spec"]["size"] == 3


async def test_a_definition_can_be_applied_waited_for_explained_and_deleted(kubectl: Kubectl) -> None:
    await kubectl("delete crd widgets.probe.test")
    assert "created" in await kubectl(f"apply -f {kubectl.file('definition.yaml', DEFINITION)}")
    assert "condition met" in await kubectl("wait --for=condition=Established crd/widgets.probe.test --timeout=5s")
    assert "widgets" in await kubectl("api-resources --api-group=probe.test")
    assert "colour" in await kubectl("explain widget.spec")


async def test_get_shows_the_columns_and_describe_the_events(kubectl: Kubectl, client: Client) -> None:
    made = await client.ask("POST", WIDGETS, widget("one", size=4))
    involved = {"kind": "Widget", "name": "one", "namespace": "room", "uid": made["metadata"]["uid"]}
    event = {"metadata": {"name": "e"}, "type": "Normal", "reason": "Painted", "message": "red", "involvedObject": involved}
    await client.ask("POST", "/api/v1/namespaces/room/events", event)
    assert (await kubectl("-n room get widgets")).split() == ["NAME", "SIZE", "STATE", "one", "4"]
    assert "Painted" in await kubectl("-n room describe wd one")
    assert await kubectl("get wd -A -o name") == "widget.probe.test/one\n"


async def test_label_annotate_patch_scale_and_wait(kubectl: Kubectl, client: Client) -> None:
    await client.ask("POST", WIDGETS, widget("one", size=1))
    await kubectl("-n room label wd one a=b")
    await kubectl("-n room annotate wd one c=d")
    await kubectl('-n room patch wd one --type merge -p {"spec":{"size":5}}')
    await kubectl('-n room patch wd one --type json -p [{"op":"remove","path":"/metadata/labels/a"}]')
    await kubectl("-n room scale wd/one --replicas=7")
    await kubectl('-n room patch wd one --subresource status --type merge -p {"status":{"state":"well"}}')
    await kubectl("-n room wait wd/one --for=jsonpath={.status.state}=well --timeout=5s")
    body = json.loads(await kubectl("-n room get wd one -o json"))
    assert (body["spec"]["size"], body["spec"]["replicas"]) == (5, 7)
    assert (body["metadata"].get("labels"), body["metadata"]["annotations"]) == (None, {"c": "d"})


async def test_deployments_are_applied_scaled_and_given_images(kubectl: Kubectl) -> None:
    body = deployment("d")
    body["metadata"]["namespace"] = "room"
    await kubectl(f"apply -f {kubectl.file('deployment.yaml', body)}")
    await kubectl("-n room scale deployment d --replicas=0")
    await kubectl("-n room set image deployment/d a=other")
    spec = json.loads(await kubectl("-n room get deploy d -o json"))["spec"]
    assert (spec["replicas"], spec["template"]["spec"]["containers"][0]["image"]) == (0, "other")


async def test_things_sent_as_protobuf_are_created(kubectl: Kubectl) -> None:
    await kubectl("create namespace other")
    await kubectl("-n other create configmap c --from-literal=a=b")
    await kubectl("-n other create secret generic s --from-literal=a=b")
    await kubectl("-n other create serviceaccount x")
    await kubectl("-n other create deployment e --image=z --replicas=2")
    assert await kubectl("-n other get deploy e -o jsonpath={.spec.replicas}") == "2"
    assert "yes" in await kubectl("auth can-i get pods")
    await kubectl("delete namespace other")
    await kubectl("get namespace other", 1)


async def test_delete_waits_for_the_finalizer(kubectl: Kubectl, client: Client) -> None:
    body = widget("held", size=1)
    made = await client.ask("POST", WIDGETS, body | {"metadata": {"name": "held", "finalizers": ["probe.test/hold"]}})
    deleting = await kubectl.start("-n", "room", "delete", "wd", "held")
    async for event in client.watch(WIDGETS, resourceVersion=made["metadata"]["resourceVersion"], timeoutSeconds="20"):
        if "deletionTimestamp" in event["object"]["metadata"]:
            break
    assert deleting.returncode is None
    await client.merge(f"{WIDGETS}/held", {"metadata": {"finalizers": []}})
    async with asyncio.timeout(STEP_SECONDS):
        await deleting.communicate()
    assert deleting.returncode == 0


async def test_get_w_prints_each_change(kubectl: Kubectl, client: Client) -> None:
    await client.ask("POST", WIDGETS, widget("one", size=1))
    watching = await kubectl.start("-n", "room", "get", "wd", "-w", "--no-headers")
    assert watching.stdout is not None
    async with asyncio.timeout(STEP_SECONDS):
        assert (await watching.stdout.readline()).split()[:2] == [b"one", b"1"]
        await client.merge(f"{WIDGETS}/one", {"spec": {"size": 2}})
        assert (await watching.stdout.readline()).split()[:2] == [b"one", b"2"]
    watching.terminate()
    await watching.communicate()
