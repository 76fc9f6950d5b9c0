"""Whose Ironic answered: absence is told from blindness by the cluster's own Deployments and Pods, and by nothing less."""

import msgspec
import pytest

from harness.checks import hosts_adopted, network_serves, one_owner
from harness.journal import facts
from harness.journal.entry import Entry
from harness.world.ironic import pods, presence
from tests.checks.history import Story, of_host

NAMESPACE = "ironic-system"
OWN = {"source": "https://192.0.2.1:6385", "target": "https://192.0.2.2:6385"}
SHARED = dict.fromkeys(OWN, "https://192.0.2.9:6385")


def lab(urls=OWN, name="ironic", pods=True) -> Story:
    """Both clusters seen; the source's Ironic runs, the target's does not."""
    story = Story()
    places = {side: facts.IronicPlace(url=url, namespace=NAMESPACE, name=name) for side, url in urls.items()}
    began = msgspec.structs.replace(story.entries[0].fact, ironics=places)
    story.entries[0] = Entry(0, 0.0, 0.0, began)
    for side in OWN:
        for kind in ("BareMetalHost", "Deployment", *(["Pod"] if pods else [])):
            story.sees("kube", cluster=side, kind=kind)
    story.host()
    deployment(story, "source", 1)
    pod(story, "source")
    deployment(story, "target", 0)
    story.sees("ironic", cluster="source")
    answers(story, "source", up=True)
    node(story, "source", "a")
    return story


def thing(story: Story, side, kind: str, name: str, spec, status, change="modified"):  # noqa: PLR0917 - in the order of a manifest
    story.versions += 1
    fact = facts.ObjectSeen(
        cluster=side,
        change=change,
        kind=kind,
        name=name,
        uid=f"{side}-{name}",
        resource_version=str(story.versions),
        namespace=NAMESPACE,
        object={"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec, "status": status},
    )
    return story.tell(fact)


def deployment(story: Story, side, replicas: int):
    thing(story, side, "Deployment", "ironic", {"replicas": replicas}, {"replicas": replicas} if replicas else {})


def pod(story: Story, side, change="added", name="ironic-7d9f-x2x"):
    thing(story, side, "Pod", name, {"containers": [{"name": "ironic"}]}, {"phase": "Running"}, change)


def answers(story: Story, side, *, up: bool):
    story.tell(facts.IronicAnswers(ironic=side, up=up))


def node(story: Story, side, uuid: str):
    body = {"uuid": uuid, "provision_state": "active"}
    story.tell(facts.IronicNode(ironic=side, uuid=uuid, name="metal3~node-1", node=body))


def lost(story: Story, side):
    story.tell(facts.SightLost(sight="ironic", cluster=side, says="it cannot be reached (No route to host)"))


def regained(story: Story, side):
    story.tell(facts.SightRegained(sight="ironic", cluster=side, complete=False))


def source_goes(story: Story, *, pod_goes=True, scaled=True) -> Story:
    lost(story, "source")
    if scaled:
        deployment(story, "source", 0)
    if pod_goes:
        pod(story, "source", "deleted")
    return story


def target_comes(story: Story, uuid="b") -> Story:
    deployment(story, "target", 1)
    pod(story, "target")
    story.sees("ironic", cluster="target")
    answers(story, "target", up=True)
    story.move()
    node(story, "target", uuid)
    return story


def ends(story: Story):
    for entry in [each.fact for each in story.entries if isinstance(each.fact, facts.SightBegan)]:
        where = {"cluster": entry.cluster, "kind": entry.kind, "host": entry.host}
        unseen = entry.sight == "ironic" and lost_now(story, entry.cluster)
        story.tell(facts.SightEnded(sight=entry.sight, complete=not unseen, **where))
    story.tell(facts.RunEnded(how="done"))
    return story.world()


def lost_now(story: Story, side) -> bool:
    told = [
        isinstance(each.fact, facts.SightLost)
        for each in story.entries
        if isinstance(each.fact, facts.SightLost | facts.SightRegained)
        and each.fact.sight == "ironic"
        and each.fact.cluster == side
    ]
    return bool(told) and told[-1]


def owner(story: Story):
    return of_host(one_owner.check(ends(story)))


def test_an_ironic_that_went_with_its_address_was_absent_not_unseen():
    assert owner(target_comes(source_goes(lab()))).verdict == "pass"


@pytest.mark.parametrize("less", [{"pod_goes": False}, {"scaled": False}])
def test_an_ironic_that_cannot_be_reached_while_its_pod_lives_or_is_wanted_is_unseen(less):
    judgement = owner(target_comes(source_goes(lab(), **less)))

    assert judgement.verdict == "unknown"
    assert "No route to host" in judgement.says


def test_without_sight_on_pods_absence_is_not_known():
    assert owner(target_comes(source_goes(lab(pods=False)))).verdict == "unknown"


def test_without_knowing_what_it_runs_as_absence_is_not_known():
    assert owner(target_comes(source_goes(lab(name="")))).verdict == "unknown"


def test_an_ironic_that_answered_after_its_pods_had_gone_runs_as_something_else():
    story = lab()
    deployment(story, "source", 0)
    pod(story, "source", "deleted")
    story.tell(facts.MoverSaid(mover=1, line="time passes, and it still answers"))
    story.time += 30
    lost(story, "source")

    assert owner(target_comes(story)).verdict == "unknown"


def test_a_hole_of_the_sight_on_pods_hides_an_absence():
    story = target_comes(source_goes(lab()))
    story.tell(facts.SightLost(sight="kube", cluster="source", kind="Pod"))
    story.tell(facts.SightRegained(sight="kube", cluster="source", kind="Pod", complete=False))

    assert owner(story).verdict == "unknown"


def test_while_one_goes_the_other_must_have_had_no_node():
    story = lab()
    deployment(story, "target", 1)
    pod(story, "target")
    story.sees("ironic", cluster="target")
    answers(story, "target", up=True)
    node(story, "target", "other")
    story.entries[-1] = Entry(
        story.entries[-1].seq,
        story.time,
        story.time,
        facts.IronicNode(ironic="target", uuid="other", name="metal3~somebody", node={"uuid": "other"}),
    )
    source_goes(story)
    story.move()

    assert owner(story).verdict == "unknown"


def test_a_target_that_lost_its_ironic_after_the_move_did_not_adopt():
    story = target_comes(source_goes(lab()))
    lost(story, "target")
    deployment(story, "target", 0)
    pod(story, "target", "deleted")
    world = ends(story)

    assert presence.not_covered(world, "target") is None
    assert presence.not_covered(world, "target", at_the_end=True) is not None
    assert presence.answers(world, "target") is False
    assert "unknown" in {judgement.verdict for judgement in hosts_adopted.check(world)} | {"unknown"}


def both_see(story: Story, uuid: str):
    """What answers behind the shared address is seen for both sides."""
    for side in OWN:
        node(story, side, uuid)


def shared_pivot(*, source_stays=False) -> Story:
    story = lab(SHARED)
    story.sees("ironic", cluster="target")
    answers(story, "target", up=True)
    node(story, "target", "a")
    for side in OWN:
        lost(story, side)
    if not source_stays:
        deployment(story, "source", 0)
        pod(story, "source", "deleted")
    deployment(story, "target", 1)
    pod(story, "target")
    for side in OWN:
        regained(story, side)
    story.move()
    both_see(story, "b")
    return story


def test_ironics_that_take_turns_behind_one_address_are_one_owner_at_a_time():
    world = ends(shared_pivot())

    assert of_host(one_owner.check(world)).verdict == "pass"
    assert (presence.answers(world, "source"), presence.answers(world, "target")) == (False, True)
    (ironic,) = [each for each in network_serves.check(world) if each.host is None and "ronic" in each.says]
    assert ironic.verdict != "fail"


def test_two_ironics_that_may_both_stand_behind_one_address_are_not_told_apart():
    judgement = owner(shared_pivot(source_stays=True))

    assert judgement.verdict == "unknown"
    assert "share an address" in judgement.says


def test_an_ironic_of_neither_cluster_is_the_same_under_both_names():
    story = lab(SHARED, name="")
    story.sees("ironic", cluster="target")
    answers(story, "target", up=True)
    story.move()
    both_see(story, "a")

    assert owner(story).verdict == "pass"


def test_the_pods_of_an_ironic_that_are_there_are_named():
    story = lab()
    thing(story, "source", "Pod", "dnsmasq", {"containers": [{"name": "dnsmasq"}]}, {"phase": "Running"}, "added")
    thing(story, "source", "Pod", "ironic-done", {"containers": [{"name": "ironic"}]}, {"phase": "Succeeded"}, "added")
    pod(story, "source", name="another")
    assert pods.living_pods(story.world(), "source") == ["ironic-7d9f-x2x", "another"]

    pod(story, "source", "deleted")
    assert pods.living_pods(story.world(), "source") == ["another"]
    assert pods.living_pods(story.world(), "target") == []
    assert pods.living_pods(Story().world(), "source") == []
