"""The pure parts of sight on Kubernetes: intervals, bodies, waits."""

import msgspec
import pytest

from harness.kube.errors import ClusterEndpoint, ClusterError
from harness.sight.kube.backoff import Backoff, KubeSightLimits
from harness.sight.kube.objects.bodies import journaled
from harness.sight.kube.revision_clock import KEPT_PULSES, ConsistentRead, EarliestTimes, RevisionClock
from harness.sight.kube.wire import read_line, version_number

NEVER = float("-inf")


def test_a_change_happened_after_the_last_read_that_did_not_show_it():
    revision_clock = RevisionClock()
    for reading in (ConsistentRead(1.0, 1.1, 10), ConsistentRead(2.0, 2.1, 10), ConsistentRead(3.0, 3.1, 12)):
        revision_clock.note(reading)
    assert [revision_clock.before(version) for version in (10, 11, 12, 13)] == [NEVER, 2.0, 2.0, 3.0]


def test_pulses_of_a_long_run_are_forgotten_from_their_beginning():
    revision_clock = RevisionClock()
    for number in range(KEPT_PULSES + 1):
        revision_clock.note(ConsistentRead(float(number), number + 0.5, number))
    assert revision_clock.before(KEPT_PULSES + 1) == KEPT_PULSES
    assert revision_clock.before(10) == NEVER


def test_a_kind_is_bounded_by_its_own_lists_and_by_the_pulses_of_its_cluster():
    revision_clock = RevisionClock()
    bounds = EarliestTimes(revision_clock)
    bounds.note_list(ConsistentRead(1.0, 1.5, 10))
    assert bounds.since(11) == 1.0
    revision_clock.note(ConsistentRead(2.0, 2.5, 20))
    assert (bounds.since(11), bounds.since(20), bounds.since(21)) == (1.0, 1.0, 2.0)


def test_a_kind_whose_list_is_ahead_of_a_later_pulse_has_a_counter_of_its_own_and_only_its_own_bounds():
    revision_clock = RevisionClock()
    bounds = EarliestTimes(revision_clock)
    bounds.note_list(ConsistentRead(1.0, 1.5, 50))
    revision_clock.note(ConsistentRead(2.0, 2.5, 20))
    assert bounds.since(60) == 1.0
    revision_clock.note(ConsistentRead(8.0, 8.5, 55))
    assert bounds.since(60) == 1.0


def test_a_kind_whose_list_is_behind_an_earlier_pulse_has_a_counter_of_its_own_and_only_its_own_bounds():
    revision_clock = RevisionClock()
    bounds = EarliestTimes(revision_clock)
    revision_clock.note(ConsistentRead(2.0, 2.5, 20))
    bounds.note_list(ConsistentRead(3.0, 3.5, 10))
    revision_clock.note(ConsistentRead(8.0, 8.5, 21))
    assert bounds.since(30) == 3.0


def test_waits_grow_with_jitter_from_none_to_a_limit_and_begin_again_after_progress():
    backoff = Backoff(KubeSightLimits(backoff_seconds=1.0, backoff_limit_seconds=10.0))
    waits = [backoff.next_seconds() for _ in range(8)]
    assert waits[0] == 0
    for wait, grown in zip(waits[1:], [1, 2, 4, 8, 10, 10, 10], strict=True):
        assert grown / 2 <= wait <= grown
    backoff.reset()
    assert backoff.next_seconds(3.0) == 3.0
    assert backoff.next_seconds(3600.0) == 60.0


def test_a_secret_becomes_its_keys_with_digests_that_are_equal_for_equal_data_under_one_key():
    secret = {"metadata": {"name": "a"}, "type": "Opaque", "data": {"a": "aHVudGVyMg==", "b": "aHVudGVyMg==", "c": "eA=="}}
    told = journaled(msgspec.json.encode(secret), "v1", "Secret", b"one key")
    digests = told["dataDigest"]
    assert set(told) == {"apiVersion", "kind", "metadata", "type", "dataDigest"}
    assert digests["a"] == digests["b"] != digests["c"]
    assert digests != journaled(msgspec.json.encode(secret), "v1", "Secret", b"another")["dataDigest"]
    assert b"aHVudGVyMg" not in msgspec.json.encode(told)


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("KubeadmConfig", "bootstrap.cluster.x-k8s.io"),
        ("KubeadmConfigTemplate", "bootstrap.cluster.x-k8s.io"),
        ("KubeadmControlPlaneTemplate", "controlplane.cluster.x-k8s.io"),
        ("RKE2ControlPlane", "controlplane.cluster.x-k8s.io"),
    ],
)
def test_configurations_of_servers_keep_their_form_without_their_texts(kind, group):
    token = {"discovery": {"bootstrapToken": {"token": "hunter2"}}}
    spec = {"replicas": 3, "joinConfiguration": token, "files": [{"content": "hunter2"}]}
    told = journaled(msgspec.json.encode({"metadata": {"name": "a"}, "spec": spec}), f"{group}/v1beta2", kind, b"k")
    assert told["spec"]["replicas"] == 3
    assert told["spec"]["joinConfiguration"]["discovery"]["bootstrapToken"]["token"] == told["spec"]["files"][0]["content"]
    assert b"hunter2" not in msgspec.json.encode(told)


def test_what_kubectl_repeats_in_an_annotation_is_dropped_with_its_secrets():
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"a":"aHVudGVyMg=="}}', "metal3.io/note": "kept"}
    told = journaled(msgspec.json.encode({"metadata": {"annotations": annotations}, "data": None}), "v1", "Secret", b"k")
    assert told["metadata"] == {"annotations": {"metal3.io/note": "kept"}}
    del annotations["metal3.io/note"]
    assert journaled(msgspec.json.encode({"metadata": {"annotations": annotations}}), "v1", "Secret", b"k")["metadata"] == {}


def test_of_a_definition_only_labels_and_names_are_told():
    definition = {
        "metadata": {"name": "a", "labels": {"clusterctl.cluster.x-k8s.io/move": ""}},
        "spec": {"group": "metal3.io", "names": {"kind": "A"}, "scope": "Namespaced", "versions": [{"schema": {}}]},
        "status": {"conditions": []},
    }
    told = journaled(msgspec.json.encode(definition), "apiextensions.k8s.io/v1", "CustomResourceDefinition", b"k")
    assert told["metadata"] == definition["metadata"]
    assert told["spec"] == {"group": "metal3.io", "names": {"kind": "A"}, "scope": "Namespaced"}
    assert "status" not in told


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n', 410),
        (b'{"type":"ERROR","object":{}}\n', 0),
        (b'{"type":"STRANGE","object":{"metadata":{"resourceVersion":"1"}}}\n', 0),
        (b'{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n', 0),
        (b'{"type":"ADDED","object":{"metadata":{"resourceVersion":"junk"}}}\n', 0),
        (b"<html>\n", 0),
        (b"\n", 0),
    ],
)
def test_a_line_that_is_no_event_ends_the_watch(line, status, tmp_path):
    with pytest.raises(ClusterError) as caught:
        read_line(ClusterEndpoint("source", tmp_path, "http://127.0.0.1"), line)
    assert caught.value.status == status


def test_versions_of_different_length_compare_as_numbers():
    assert version_number("999") < version_number("1000")


SECRETS = ("hunter2", "--token=abc")


def of_container():
    return {"name": "ironic", "image": "ironic:39", "env": [{"name": "PASSWORD", "value": SECRETS[0]}], "args": [SECRETS[1]]}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Pod", {"containers": [of_container()], "nodeName": "n"}),
        ("Deployment", {"replicas": 2, "template": {"metadata": {}, "spec": {"containers": [of_container()]}}}),
        ("KubeadmControlPlane", {"replicas": 2, "kubeadmConfigSpec": {"files": [{"content": SECRETS[0]}], "users": SECRETS}}),
    ],
)
def test_what_a_workload_and_a_node_are_told_is_not_told_on_but_a_change_of_it_is(kind, spec):
    def told(text):
        return msgspec.json.encode(journaled(text, "v1", kind, b"k"))

    body = msgspec.json.encode({"metadata": {"name": "x"}, "spec": spec, "status": {"phase": "Running", "replicas": 2}})

    assert not [secret for secret in SECRETS if secret.encode() in told(body)]
    assert told(body) == told(body)
    assert told(body) != told(body.replace(b"hunter2", b"hunter3"))
    assert b'"replicas":2' in told(body)
