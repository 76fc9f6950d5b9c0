"""Who wrote a version of an object: by its managedFields, as API servers write them."""

import msgspec
import pytest

from harness.journal.facts import FieldManager
from harness.journal.merge_patch import merge_patch
from harness.sight.kube.objects.field_managers import (
    PATH_CHARACTERS_MAX,
    PATHS_MAX,
    ManagedEntry,
    makers,
    managed_entries,
    text_of,
    times_of,
    writers,
)

T0, T1, T2 = (f"2026-11-30T12:00:0{second}Z" for second in range(3))
HOST = {"spec": {"online": True, "image": {"url": "http://os"}}, "metadata": {"annotations": {"a": "1"}}}


def entry(manager: str, time: str, fields: dict | None = None, subresource: str | None = None) -> ManagedEntry:
    return ManagedEntry(
        manager=manager, operation="Update", api_version="v1", time=time, subresource=subresource, fields_v1=fields
    )


def fields(*paths: str) -> dict:
    """`spec.online` -> `{"f:spec": {"f:online": {}}}`."""
    found: dict = {}
    for path in paths:
        node = found
        for name in path.split("."):
            node = node.setdefault(f"f:{name}", {})
    return found


def told(before: list[ManagedEntry], after: list[ManagedEntry], patch: dict, *, inferred: bool = False) -> list[FieldManager]:
    return writers(times_of(before), after, patch, inferred=inferred)


def names(found: list[FieldManager]) -> list[str]:
    return [one.manager for one in found]


MADE = entry("kubectl", T0, fields("spec.online", "spec.image"))
OFF = {"spec": {"online": False}}


def test_the_owner_of_what_was_set_wrote_it():
    after = [entry("kubectl", T0, fields("spec.image")), entry("helm-controller", T1, fields("spec.online"))]
    (found,) = told([MADE], after, OFF)
    assert found == FieldManager(manager="helm-controller", operation="Update", time=T1, paths=["spec.online"])


def test_the_owner_is_found_though_it_wrote_twice_in_one_second():
    before = [MADE, entry("bmo", T1, fields("status.poweredOn"), "status")]
    assert names(told(before, before, {"status": {"poweredOn": False}})) == ["bmo"]


def test_who_only_removed_something_is_told_by_a_time_that_moved_and_else_by_nobody():
    gone = {"metadata": {"annotations": {"a": None}}}
    assert told([MADE], [MADE], gone) == []
    moved = [MADE, entry("flux", T1, fields("spec.online"))]
    assert names(told([MADE], moved, gone)) == ["flux"]


def test_whose_owns_the_field_itself_wrote_it_and_not_whose_owns_what_holds_it():
    """After a move both may stand there: the map was made by one, its member by another."""
    after = [
        entry("lab", T0, fields("status.triedCredentials"), "status"),
        entry("bmo", T0, fields("status.triedCredentials.v"), "status"),
    ]
    assert names(told(after, after, {"status": {"triedCredentials": {"v": "2"}}})) == ["bmo"]


def test_of_several_that_own_items_of_a_list_it_is_the_one_whose_time_moved():
    items = {"f:metadata": {"f:finalizers": {".": {}, 'v:"a"': {}}}}
    before, after = [entry("one", T0, items)], [entry("one", T0, items), entry("two", T1, items)]
    assert names(told(before, after, {"metadata": {"finalizers": ["a", "b"]}})) == ["two"]


def test_a_version_listed_after_a_gap_tells_all_who_wrote_since_each_with_its_paths():
    after = [entry("one", T1, fields("spec.online")), entry("two", T2, fields("status.poweredOn"), "status")]
    found = told([MADE], after, OFF | {"status": {"poweredOn": False}}, inferred=True)
    assert [(one.manager, one.paths) for one in found] == [("one", ["spec.online"]), ("two", ["status.poweredOn"])]


def test_a_version_in_which_only_the_server_wrote_is_nobodys():
    after = [entry("restored", T2, fields("spec.online"))]
    patch = {"metadata": {"resourceVersion": "2", "generation": 2, "deletionTimestamp": T1}}
    assert told([MADE], after, patch) == []


def test_a_recording_without_fields_tells_by_time_alone():
    assert names(told([entry("one", T0)], [entry("one", T0), entry("two", T1)], OFF)) == ["two"]
    assert told([entry("one", T0)], [entry("one", T0)], OFF) == []


def test_who_made_an_object_is_the_newest_whatever_it_carried_along():
    body = {"metadata": {"creationTimestamp": T1}}
    carried = [entry("bmo", T0, subresource="status"), entry("kubectl", T0), entry("clusterctl", T1)]
    assert [(one.manager, one.paths) for one in makers(carried, body)] == [("clusterctl", [])]
    assert makers(carried[:2], body) == []
    assert makers([], body) == []


def test_of_a_secret_the_keys_are_told_and_no_value():
    secret = {"f:data": {"f:password": {}}}
    before, after = ({"dataDigest": {"password": digest}} for digest in ("1", "2"))
    found = told([MADE], [MADE, entry("kubectl-edit", T1, secret)], merge_patch(before, after))
    assert found[0].paths == ["data.password"]


def test_what_stands_for_a_workloads_secrets_is_owned_by_whose_are_the_containers():
    template = fields("spec.template.spec.containers")
    found = told([MADE], [MADE, entry("kubectl", T1, template)], {"spec": {"template": {"spec": {"specDigest": "2"}}}})
    assert [(one.manager, one.paths) for one in found] == [("kubectl", ["spec.template.spec"])]


def test_many_paths_are_told_by_what_they_have_in_common():
    many = {f"m{number}": number for number in range(PATHS_MAX + 1)}
    after = [MADE, entry("bmo", T1, fields(*(f"status.hardware.{name}" for name in many)), "status")]
    assert told([MADE], after, {"status": {"hardware": many}})[0].paths == ["status.hardware"]
    assert len(text_of(("metadata", "annotations", "x" * 1000))) == PATH_CHARACTERS_MAX


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"metadata": {}}',
        b'{"metadata": {"managedFields": null}}',
        b'{"metadata": {"managedFields": [{"manager": 7}]}}',
        b'{"metadata": {"managedFields": "x"}}',
        b"[]",
        b"no JSON",
    ],
)
def test_managed_fields_that_no_server_writes_tell_nothing(raw):
    assert managed_entries(raw, "Secret") == []


def test_an_event_tells_its_reporter_itself():
    raw = msgspec.json.encode({"metadata": {"managedFields": [{"manager": "bmo"}]}})
    assert managed_entries(raw, "Event") == []
    assert managed_entries(raw, "Node") == [ManagedEntry(manager="bmo")]
