"""Altering a good run: for a moment or for good, before an object is born or after, and what its cluster's audit log tells."""

import pytest

from harness.catalogue.planting import changes, find, nodes, objects, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import NotApplicableError
from harness.journal.facts import ApiWrite, SightEnded
from harness.world.coverage import SightKey
from harness.world.world import World

STATE = ("status", "provisioning", "state")


@pytest.fixture
def draft(good_run):
    return Draft(good_run, good_run.hosts[1], "late")


def states(draft):
    world = World(draft.done(), final=True)
    return [version.get(*STATE) for version in world.objects[find.host_copy(draft)]]


def test_a_change_for_a_moment_is_taken_back(draft):
    before = states(draft)

    objects.rewrite(draft, find.host_copy(draft), changes.put(*STATE, value="inspecting"), until=draft.brief())

    assert states(draft) == [*before, "inspecting", before[-1]]


def test_a_change_for_good_is_in_every_later_version(draft):
    draft.time = draft.run.move.until
    paused = draft.run.copies(draft.host)[2:]

    objects.rewrite(draft, find.host_copy(draft), changes.put(*STATE, value="inspecting"))

    assert states(draft)[-len(paused) :] == ["inspecting"] * len(paused)


def test_an_object_that_is_born_later_is_changed_from_its_birth_on(draft):
    objects.rewrite(draft, find.host_copy(draft), changes.put(*STATE, value="inspecting"), since=0.0)

    assert set(states(draft)) == {"inspecting"}


def test_one_that_is_gone_cannot_be_changed(draft):
    with pytest.raises(NotApplicableError, match="a BareMetalHost in the source at that time"):
        objects.rewrite(draft, find.host_copy(draft, "source"), changes.put(*STATE, value="x"))


def test_an_object_made_anew_keeps_its_content_and_has_another_uid(draft):
    key = find.own(draft, "Machine")

    objects.make_anew(draft, key)

    timeline = World(draft.done(), final=True).objects[key]
    *_, first, gone, anew = timeline
    assert not gone.alive
    assert anew.alive
    assert anew.get("spec") == first.get("spec")
    assert anew.metadata["uid"] != first.metadata["uid"]


def test_who_changed_it_stands_in_the_audit_log(draft):
    objects.write(draft, find.host_copy(draft), changes.put("spec", "online", value=False), objects.USER)
    objects.write(draft, find.host_copy(draft), changes.put(*STATE, value="x"), objects.BMO)

    added = [entry.fact for entry in draft.entries if isinstance(entry.fact, ApiWrite) and entry.at == draft.time]
    assert [(fact.user, fact.verb, fact.resource, fact.subresource) for fact in added] == [
        ("kubernetes-admin", "patch", "baremetalhosts", ""),
        ("bmo", "patch", "baremetalhosts", "status"),
    ]


def test_a_node_of_ironic_changes_for_a_moment(draft):
    nodes.rewrite(draft, changes.put("provision_state", value="cleaning"), until=draft.brief())

    seen = [entry.fact.node["provision_state"] for entry in nodes.seen(draft, "target")]
    assert seen[-2:] == ["cleaning", "active"]


def test_a_sight_that_ends_early_shows_nothing_afterwards_and_a_recording_has_one_for_both_ironics(draft):
    key = SightKey("ironic")

    sights.ends(draft, SightKey("ironic", "target"), draft.time)

    assert not [entry for entry in draft.entries if entry.at > draft.time and sights.shown_by(key, entry)]
    assert [entry.at for entry in draft.entries if isinstance(entry.fact, SightEnded) and sights.about(key, entry)] == [
        draft.time
    ]


def test_stories_of_a_run_that_is_faster_than_life_are_as_much_shorter_and_end_within_it(good_run, draft):
    assert draft.after(10) == draft.time + 10
    assert draft.after(10**6) < good_run.ends
