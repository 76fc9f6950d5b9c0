"""Real components' programs under their Deployments, and their manifests; here small programs that do what is needed."""

import asyncio
import contextlib
import os
import signal
import sys

import pytest
import yaml

from harness.emulated.apiserver import ApiServer
from harness.emulated.controllers.deployments import Deployments
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import CLUSTERS, DEPLOYMENTS, NAMESPACES, PROVIDERS
from harness.emulated.lab.files import Addresses, write_lab
from harness.emulated.plan.plan import Config, make_plan
from harness.emulated.programs.manifests import ComponentManifests, UnfitManifestsError, check_versions, merged
from harness.emulated.programs.program import Program, ProgramDiedError, ProgramPart, cure
from harness.emulated.programs.webhooks import WebhookServer
from tests.waiting import until

FACT_SECONDS = 20
KEY = ("capi-system", "capi-controller-manager")
SERVES = """
import http.server, os, sys, pathlib
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if pathlib.Path(sys.argv[2]).exists() else 500)
        self.end_headers()
print("serving as", os.getpid(), flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": KEY[1], "namespace": KEY[0]},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "manager", "image": "lab/manager"}]}},
    },
}


@pytest.fixture
def program(tmp_path, unused_tcp_port) -> Program:
    """One that serves, and is healthy once `tmp_path/healthy` is there."""
    command = [sys.executable, "-u", "-c", SERVES, str(unused_tcp_port), str(tmp_path / "healthy")]
    return Program("capi", command, {}, str(tmp_path / "capi.log"), f"http://127.0.0.1:{unused_tcp_port}/readyz")


@pytest.fixture
async def client():
    server = ApiServer("test")
    await server.start()
    async with Client(server.url, server.token) as client:
        yield client
    await server.stop()


@contextlib.asynccontextmanager
async def running(part):
    task = asyncio.ensure_future(part)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_deployment_is_ready_when_its_program_says_so_and_ends_with_its_last_replica(client, program, tmp_path):
    await client.create(NAMESPACES, {"metadata": {"name": KEY[0]}})
    await client.create(DEPLOYMENTS, DEPLOYMENT)

    async def status() -> dict:
        return (await client.get(DEPLOYMENTS, KEY[1], KEY[0])).get("status", {})

    async def started() -> bool:
        return "replicas" in await status()

    async def ready() -> bool:
        return (await status()).get("readyReplicas") == 1

    async def gone() -> bool:
        return not os.path.exists(f"/proc/{number}")  # noqa: PTH110, ASYNC240 - of the kernel

    async with running(Deployments(client, {KEY: ProgramPart(program, client)}).run()):
        await until(started, "a Deployment with a status", FACT_SECONDS)
        assert not await ready()
        (tmp_path / "healthy").touch()
        await until(ready, "a ready replica", FACT_SECONDS)
        number = int((tmp_path / "capi.log").read_text().split()[2])
        await client.merge_patch(DEPLOYMENTS, DEPLOYMENT, {"spec": {"replicas": 0}})
        await until(gone, "the end of the program", FACT_SECONDS)


async def test_a_program_that_was_ready_is_started_again_when_it_dies(client, program, tmp_path):
    (tmp_path / "healthy").touch()
    part = ProgramPart(program, client)

    async def starts(number: int) -> bool:
        return part.ready.is_set() and (tmp_path / "capi.log").read_text().count("serving as") == number

    async with running(part()):
        await until(lambda: starts(1), "the program ready", FACT_SECONDS)
        os.kill(int((tmp_path / "capi.log").read_text().split()[2]), signal.SIGKILL)
        await until(lambda: starts(2), "the program ready a second time", FACT_SECONDS)


async def test_a_program_that_dies_before_it_is_ready_is_told_with_its_last_words(client, tmp_path):
    dies = Program("bmo", ["sh", "-c", "echo no such flag; exit 2"], {}, str(tmp_path / "bmo.log"), "http://127.0.0.1:1/")
    with pytest.raises(ProgramDiedError) as died:
        await ProgramPart(dies, client)()

    assert "bmo ended with exit code 2; its last words" in str(died.value)
    assert "no such flag" in str(died.value)


@pytest.mark.parametrize(
    ("said", "cured"),
    {
        'open /plugins/ironic-provisioner.so: realpath failed"': "has to lie beside it, or in PROVISIONER_PLUGIN_DIR",
        "failed to wait for hostclaim caches to sync: timed out waiting for cache to be synced": "give the `manifests`",
        "flag provided but not defined: -hostclaim": "correct its `flags` in the lab file",
        "loaded /plugins/ironic-provisioner.so, and died of something else": "its whole log says more",
    }.items(),
)
def test_what_helps_a_manager_that_died_is_told(said, cured):
    assert cured in cure(said)


MANIFESTS = """
kind: CustomResourceDefinition
metadata: {name: clusters.cluster.x-k8s.io, labels: {theirs: "1"}, creationTimestamp: null}
spec: {group: cluster.x-k8s.io, versions: [{name: v1beta1}, {name: v1beta2}], conversion: {strategy: None}}
---
kind: CustomResourceDefinition
metadata: {name: providers.clusterctl.cluster.x-k8s.io}
spec: {group: clusterctl.cluster.x-k8s.io, versions: [{name: v1alpha3}]}
---
kind: CustomResourceDefinition
metadata: {name: metal3machines.infrastructure.cluster.x-k8s.io}
spec: {group: infrastructure.cluster.x-k8s.io, versions: [{name: v1beta1}, {name: v1beta2}]}
---
kind: ValidatingWebhookConfiguration
metadata: {name: validating-webhook-configuration}
webhooks:
- {name: a.b.c, clientConfig: {service: {name: webhook-service, namespace: system, path: /validate-it}}, failurePolicy: Fail}
---
kind: Deployment
metadata: {name: controller-manager}
spec: {template: {spec: {containers: [{args: ["--webhook-port=${PORT:=9443}"]}]}}}
---
kind: Certificate
metadata: {name: serving-cert}
"""
PATCHES = """
kind: CustomResourceDefinition
metadata: {name: clusters.cluster.x-k8s.io, annotations: {cert-manager.io/inject-ca-from: a/b}}
---
kind: ValidatingWebhookConfiguration
metadata: {name: validating-webhook-configuration}
webhooks:
- {name: a.b.c, matchConditions: [{name: changed, expression: "true"}]}
- {name: nobody.knows.it}
---
kind: Kustomization
resources: [a]
"""
URL = "https://127.77.1.1:9443"


@pytest.fixture
def manifests(tmp_path) -> ComponentManifests:
    (tmp_path / "ca.crt").write_bytes(b"certificate")
    directory = tmp_path / "manifests" / "base"
    directory.mkdir(parents=True)
    (directory / "all.yaml").write_text(MANIFESTS)
    (directory / "patches.yaml").write_text(PATCHES)
    return ComponentManifests(directory.parent, name="capi", server=WebhookServer(URL, tmp_path / "ca.crt"))


def test_definitions_of_several_versions_are_converted_at_the_managers_url(manifests):
    two, one = manifests.definitions()

    assert two["spec"]["conversion"]["webhook"]["clientConfig"]["url"] == f"{URL}/convert"
    assert "creationTimestamp" not in two["metadata"]
    assert "conversion" not in one["spec"]


def test_kinds_of_another_component_in_the_same_manifests_are_left_to_it(manifests):
    others = ComponentManifests(manifests._path, name="capm3", server=manifests._server)

    assert [each["spec"]["group"] for each in others.definitions()] == ["infrastructure.cluster.x-k8s.io"]
    assert len(manifests.definitions()) == 2


def test_webhooks_are_called_at_the_managers_url_with_what_kustomize_would_patch_in(manifests):
    (configuration,) = manifests.configurations()
    (hook,) = configuration["webhooks"]

    assert configuration["metadata"]["name"] == "capi-validating-webhook-configuration"
    assert hook["clientConfig"] == {"url": f"{URL}/validate-it", "caBundle": "Y2VydGlmaWNhdGU="}
    assert hook["failurePolicy"] == "Fail"
    assert hook["matchConditions"][0]["name"] == "changed"


FIRST = MANIFESTS.partition("---")[0].strip()
LIST = "kind: List\nitems:\n- " + FIRST.replace("\n", "\n  ")


@pytest.mark.parametrize("text", [MANIFESTS, LIST])
def test_manifests_may_be_one_file_and_a_list(tmp_path, text):
    (tmp_path / "components.yml").write_text(text)
    first = ComponentManifests(tmp_path / "components.yml", name="capi", server=None).definitions()[0]

    assert first["metadata"]["name"] == "clusters.cluster.x-k8s.io"
    assert "conversion" not in first["spec"]  # no webhooks are served


def test_what_is_no_yaml_is_told_where_it_matters(manifests, tmp_path):
    (tmp_path / "manifests/values.yaml").write_text("{{ range .Values }}: {")
    assert len(manifests.definitions()) == 2
    (tmp_path / "crds.yaml").write_text("kind: CustomResourceDefinition\nspec: {{ .Spec }}: {")

    with pytest.raises(UnfitManifestsError, match=r"crds\.yaml is no YAML: .* line 2"):
        ComponentManifests(tmp_path / "crds.yaml", name="capi", server=None).definitions()


def test_their_definitions_stand_for_ours_and_keep_the_labels_of_a_pivot(manifests):
    ours = {"metadata": {"name": "clusters.cluster.x-k8s.io", "labels": {"move": ""}, "annotations": {}}, "spec": {"ours": True}}
    other = {"metadata": {"name": "others"}, "spec": {}}
    result = {each["metadata"]["name"]: each for each in merged([ours, other], manifests.definitions())}

    assert result["clusters.cluster.x-k8s.io"]["metadata"]["labels"] == {"theirs": "1", "move": ""}
    assert "ours" not in result["clusters.cluster.x-k8s.io"]["spec"]
    assert set(result) == {"clusters.cluster.x-k8s.io", "others", "providers.clusterctl.cluster.x-k8s.io"}


def test_manifests_of_a_release_that_does_not_serve_the_labs_versions_are_told(manifests):
    definitions = manifests.definitions()
    check_versions(definitions, [CLUSTERS, PROVIDERS])
    definitions[0]["spec"]["versions"].pop()

    with pytest.raises(
        UnfitManifestsError, match=r"clusters\.cluster\.x-k8s\.io in v1beta1 only, and this lab's objects are v1beta2"
    ):
        check_versions(definitions, [CLUSTERS, PROVIDERS])


def test_manifests_that_store_what_only_the_manager_can_convert_are_told(manifests):
    definitions = manifests.definitions()
    for definition in definitions:
        definition["spec"]["versions"][0]["storage"] = True
    check_versions(definitions, [PROVIDERS])

    with pytest.raises(
        UnfitManifestsError, match=r"store clusters\.cluster\.x-k8s\.io as v1beta1, and this lab's objects are v1beta2"
    ):
        check_versions(definitions, [CLUSTERS])


def test_real_components_are_given_the_time_that_they_take(tmp_path, program):
    addresses = Addresses(bmcs={f"node-{n}": "http://127.0.0.1/redfish" for n in range(4)}, ironics={}, control="")
    told = []
    for programs in ({}, {"source": {"/".join(KEY): program}}):
        path = write_lab(tmp_path, make_plan(Config(speed=5, programs=programs)), addresses)
        told.append(yaml.safe_load(path.read_text())["speed"])

    assert told == [5.0, 1.0]
