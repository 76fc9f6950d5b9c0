"""What is followed because it may belong to what moves, and how references name kinds."""

import pytest

from harness.world.moved_kinds import full_name, group_of, is_followed, kind_of, references

LABEL = "clusterctl.cluster.x-k8s.io"


@pytest.mark.parametrize(
    ("group", "labels", "followed"),
    [
        ("cluster.x-k8s.io", {}, True),
        ("infrastructure.cluster.x-k8s.io", {}, True),
        ("metal3.io", {}, True),
        ("notmetal3.io", {}, False),
        ("example.com", {}, False),
        ("example.com", {LABEL: ""}, True),
        ("example.com", {f"{LABEL}/move": ""}, True),
        ("example.com", {f"{LABEL}/move-hierarchy": ""}, True),
        ("example.com", {"of.a.user": ""}, False),
    ],
)
def test_a_definition_is_followed_by_its_group_or_its_labels(group, labels, followed):
    assert is_followed(group, labels) is followed


def test_a_reference_is_what_has_a_kind_a_name_and_a_group_or_version():
    one = {"kind": "Secret", "name": "a", "apiVersion": "v1"}
    two = {
        "kind": "IPPool",
        "name": "b",
        "apiGroup": "ipam.metal3.io",
        "deep": [{"kind": "X", "name": "c", "apiVersion": "x/v1"}],
    }
    none = [
        {"kind": "Secret", "name": "a"},
        {"kind": "", "name": "a", "apiVersion": "v1"},
        {"kind": 1, "name": "a", "apiVersion": "v1"},
    ]

    assert sorted(it["name"] for it in references({"spec": {"one": one, "more": [two, *none]}})) == ["a", "b", "c"]
    assert [kind_of(it) for it in (one, {"kind": "Machine", "apiVersion": "cluster.x-k8s.io/v1beta1"}, {"kind": "Node"})] == [
        "Secret",
        "Machine",
        "Node",
    ]
    assert [group_of(it) for it in ("v1", "metal3.io/v1alpha1")] == ["", "metal3.io"]


def test_a_kind_is_named_with_its_group_where_that_is_known():
    assert [full_name(it) for it in ("BareMetalHost", "Widget")] == ["BareMetalHost.metal3.io", "Widget"]
