import pytest

from harness.emulated.apiserver import ApiServer
from tests.emulated.apiserver.client import Client
from tests.emulated.apiserver.samples import (
    APPLY,
    CONFIGMAPS,
    CRDS,
    DEFINITION,
    DEPLOYMENTS,
    NS,
    STRATEGIC,
    WIDGETS,
    configmap,
    deployment,
    widget,
)

PROTOBUF = "application/vnd.kubernetes.protobuf"


def field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def envelope(api_version: str, kind: str, raw: bytes) -> bytes:
    return b"k8s\x00" + field(1, field(1, api_version.encode()) + field(2, kind.encode())) + field(2, raw)


async def test_a_namespace_can_come_as_protobuf(client: Client) -> None:
    metadata = field(1, b"moved") + field(2, b"") + field(11, field(1, b"k") + field(2, b"v"))
    body = envelope("v1", "Namespace", field(1, metadata) + field(2, b"") + field(3, b""))
    made = await client.ask("POST", NS, body, PROTOBUF)
    assert made["metadata"]["name"] == "moved"
    assert made["metadata"]["labels"] == {"k": "v", "kubernetes.io/metadata.name": "moved"}
    assert made["status"]["phase"] == "Active"


async def test_a_secret_in_protobuf_keeps_its_bytes(client: Client) -> None:
    data = field(2, field(1, b"key") + field(2, b"\x00\xff"))
    body = envelope("v1", "Secret", field(1, field(1, b"s")) + data + field(3, b"Opaque"))
    assert (await client.ask("POST", f"{NS}/room/secrets", body, PROTOBUF))["data"] == {"key": "AP8="}


@pytest.mark.parametrize("raw", [b"k8s\x00\x0a\x7fcut", b"k8s\x00" + field(1, field(1, b"x/v1") + field(2, b"Odd"))])
async def test_protobuf_that_cannot_be_read_is_a_bad_request(client: Client, raw: bytes) -> None:
    code, answer = await client.answer("POST", NS, raw, PROTOBUF)
    assert (code, answer["reason"]) == (400, "BadRequest")


async def test_generated_names_differ_and_are_the_same_in_another_run_of_the_same_seed(client: Client) -> None:
    made = [await client.ask("POST", CONFIGMAPS, {"metadata": {"generateName": "a-"}}) for _ in range(2)]
    assert made[0]["metadata"]["name"] != made[1]["metadata"]["name"]
    twin = ApiServer("test")
    await twin.start()
    again = Client(client.session, twin.url)
    await again.ask("POST", NS, {"metadata": {"name": "room"}})
    repeated = [await again.ask("POST", CONFIGMAPS, {"metadata": {"generateName": "a-"}}) for _ in range(2)]
    await twin.stop()
    assert [(each["metadata"]["name"], each["metadata"]["uid"]) for each in repeated] == [
        (each["metadata"]["name"], each["metadata"]["uid"]) for each in made
    ]


async def test_a_life_after_death_has_another_uid(client: Client) -> None:
    first = await client.ask("POST", CONFIGMAPS, configmap("a"))
    await client.ask("DELETE", f"{CONFIGMAPS}/a")
    assert (await client.ask("POST", CONFIGMAPS, configmap("a")))["metadata"]["uid"] != first["metadata"]["uid"]


async def test_status_of_a_custom_resource_is_lost_on_create_as_in_a_pivot(client: Client) -> None:
    await client.define_widgets()
    made = await client.ask("POST", WIDGETS, widget("one", size=1) | {"status": {"state": "well"}})
    assert "status" not in made


async def test_generation_counts_changes_of_spec_only(client: Client) -> None:
    await client.define_widgets()
    await client.ask("POST", WIDGETS, widget("one", size=1))
    generations = [
        (await client.merge(path, body))["metadata"]["generation"]
        for path, body in (
            (f"{WIDGETS}/one", {"spec": {"size": 2}}),
            (f"{WIDGETS}/one/status", {"status": {"state": "well"}}),
            (f"{WIDGETS}/one", {"metadata": {"annotations": {"a": "b"}}}),
            (f"{WIDGETS}/one", {"spec": {"size": 3}}),
        )
    ]
    assert generations == [2, 2, 2, 3]


async def test_an_object_written_in_one_version_is_read_in_another(client: Client) -> None:
    await client.define_widgets()
    beta = WIDGETS.replace("/v1/", "/v1beta1/")
    made = await client.ask("POST", beta, widget("one", version="v1beta1", size=1))
    assert made["apiVersion"] == "probe.test/v1beta1"
    assert (await client.ask("GET", f"{WIDGETS}/one"))["apiVersion"] == "probe.test/v1"
    same = await client.ask("PUT", f"{beta}/one", made)
    assert same["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_an_old_fault_does_not_stop_another_change(client: Client) -> None:
    """A schema that became stricter is not held against what has not changed."""
    loose = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [each | {"schema": loose} for each in DEFINITION["spec"]["versions"]]
    await client.ask("POST", CRDS, DEFINITION | {"spec": DEFINITION["spec"] | {"versions": versions}})
    made = await client.ask("GET", f"{CRDS}/widgets.probe.test")
    await client.ask("POST", WIDGETS, widget("one", size=99))
    await client.ask("PUT", f"{CRDS}/widgets.probe.test", DEFINITION | {"metadata": made["metadata"]})
    await client.merge(f"{WIDGETS}/one", {"spec": {"colour": "blue"}})
    assert (await client.answer("PATCH", f"{WIDGETS}/one", {"spec": {"size": 98}}, "application/merge-patch+json"))[0] == 422


async def test_containers_merge_by_name_and_can_be_deleted_and_ordered(client: Client) -> None:
    await client.ask("POST", DEPLOYMENTS, deployment("d"))
    await client.ask("PATCH", f"{DEPLOYMENTS}/d", containers({"name": "b", "image": "j"}), STRATEGIC)
    order = containers({"name": "a", "image": "k"}) | {}
    order["spec"]["template"]["spec"]["$setElementOrder/containers"] = [{"name": "b"}, {"name": "a"}]
    changed = await client.ask("PATCH", f"{DEPLOYMENTS}/d", order, STRATEGIC)
    assert images(changed) == {"b": "j", "a": "k"}
    assert list(images(changed)) == ["b", "a"]
    assert changed["spec"]["template"]["spec"]["containers"][1]["ports"][0]["containerPort"] == 80
    left = await client.ask("PATCH", f"{DEPLOYMENTS}/d", containers({"name": "b", "$patch": "delete"}), STRATEGIC)
    assert images(left) == {"a": "k"}


def containers(*found: dict) -> dict:
    return {"spec": {"template": {"spec": {"containers": list(found)}}}}


def images(body: dict) -> dict[str, str]:
    return {each["name"]: each["image"] for each in body["spec"]["template"]["spec"]["containers"]}


async def test_apply_creates_then_owns_and_lets_go(client: Client) -> None:
    path = f"{CONFIGMAPS}/a?fieldManager=one"
    await client.ask("PATCH", path, configmap("a", x="1", y="2"), APPLY)
    await client.merge(f"{CONFIGMAPS}/a?fieldManager=two", {"data": {"z": "3"}})
    applied = await client.ask("PATCH", path, configmap("a", x="1"), APPLY)
    assert applied["data"] == {"x": "1", "z": "3"}
    code, answer = await client.answer("PATCH", path, configmap("a", z="4"), APPLY)
    assert (code, [each["field"] for each in answer["details"]["causes"]]) == (409, [".data.z"])
    forced = await client.ask("PATCH", f"{path}&force=true", configmap("a", z="4"), APPLY)
    assert forced["data"] == {"z": "4"}
    assert [each["manager"] for each in forced["metadata"]["managedFields"]] == ["one"]


async def test_who_only_removes_a_field_is_not_told_by_the_time_of_his_entry(client: Client) -> None:
    """As a kube-apiserver 1.36.3 does: recorded on 2026-11-30."""
    path = f"{CONFIGMAPS}/a?fieldManager=two"
    await client.ask("POST", f"{CONFIGMAPS}?fieldManager=one", configmap("a", x="1", y="2"))
    entries = (await client.merge(path, {"data": {"z": "3"}}))["metadata"]["managedFields"]
    old = [entry | {"time": "2026-01-01T00:00:00Z"} for entry in entries]
    await client.merge(f"{CONFIGMAPS}/a", {"metadata": {"managedFields": old}})
    removed = (await client.merge(path, {"data": {"x": None}}))["metadata"]["managedFields"]
    assert {entry["manager"]: entry["time"] for entry in removed} == dict.fromkeys(("one", "two"), "2026-01-01T00:00:00Z")
    changed = (await client.merge(path, {"data": {"z": "4"}}))["metadata"]["managedFields"]
    assert {entry["manager"] for entry in changed if entry["time"] > "2026-01-01T00:00:00Z"} == {"two"}


async def test_an_event_is_one_object_in_both_of_its_groups(client: Client) -> None:
    involved = {"kind": "Node", "name": "n", "namespace": "room"}
    body = {"metadata": {"name": "e"}, "reason": "R", "note": "words", "regarding": involved, "type": "Normal", "action": "A"}
    body |= {"eventTime": "2026-01-01T00:00:00.000000Z", "reportingController": "c", "reportingInstance": "c-1"}
    new = "/apis/events.k8s.io/v1/namespaces/room/events"
    await client.ask("POST", new, body)
    old = await client.ask("GET", f"{NS}/room/events/e")
    assert (old["apiVersion"], old["message"], old["involvedObject"]) == ("v1", "words", involved)
    await client.merge(f"{NS}/room/events/e", {"message": "other words"})
    assert (await client.ask("GET", f"{new}/e"))["note"] == "other words"
    await client.ask("DELETE", f"{new}/e")
    assert (await client.ask("GET", f"{NS}/room/events"))["items"] == []


@pytest.mark.parametrize("collection", [CONFIGMAPS, WIDGETS])
async def test_another_creation_time_is_ignored_and_a_deletion_time_refused(client: Client, collection: str) -> None:
    if collection == WIDGETS:
        await client.ask("POST", CRDS, DEFINITION)
    made = await client.ask("POST", collection, configmap("moved") if collection == CONFIGMAPS else widget("moved", size=1))
    elsewhere = made["metadata"] | {"creationTimestamp": "2020-01-01T00:00:00Z", "labels": {"put": "again"}}
    put = await client.ask("PUT", f"{collection}/moved", made | {"metadata": elsewhere})
    assert (put["metadata"]["creationTimestamp"], put["metadata"]["labels"]) == (
        made["metadata"]["creationTimestamp"],
        {"put": "again"},
    )
    dying = put["metadata"] | {"deletionTimestamp": "2020-01-01T00:00:00Z"}
    code, answer = await client.answer("PUT", f"{collection}/moved", put | {"metadata": dying})
    assert (code, answer["details"]["causes"][0]["field"]) == (422, "metadata.deletionTimestamp")
