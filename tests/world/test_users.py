"""Who is a user, and what a user is known to have made or deleted."""

import pytest

from harness.journal import facts
from harness.journal.facts import FieldManager
from harness.world.changes.users import is_deleted_by_user, is_made_by_user
from harness.world.world import Version, World
from tests.checks.history import Story

POOL = {"spec": {"pools": []}}
KUBECTL = FieldManager(manager="kubectl-create", operation="Update")
IPAM = FieldManager(manager="ipam-manager", operation="Update")
STATUS = FieldManager(manager="ipam-manager", operation="Update", subresource="status")


def wrote(story: Story, user: str, verb: str, agent: str = "", subresource: str = "") -> None:
    more = {"user_agent": agent, "subresource": subresource}
    story.tell(
        facts.ApiWrite(cluster="target", user=user, verb=verb, resource="ippools", name="pool", code=200, **more), at=story.time
    )


def last(story: Story) -> tuple[World, Version]:
    world = story.ends().world()
    return world, world.objects["target", "IPPool", "metal3", "pool"][-1]


def made(*writes: tuple[str, str], managers: tuple[FieldManager, ...] = (), agent: str = "") -> bool:
    story = Story().sees("kube", "audit")
    wrote(story, "ipam", "patch", "ipam/v1", "status")
    story.object("target", "IPPool", "other", {"status": {"indexes": {}}}, managers=[STATUS])
    story.object("target", "IPPool", "pool", POOL, "added", managers=managers)
    for user, verb in writes:
        wrote(story, user, verb, agent)
    return is_made_by_user(*last(story))


@pytest.mark.parametrize("user", ["anna", "kubernetes-admin", "system:admin", "system:masters"])
def test_a_user_made_it(user):
    assert made((user, "create"))
    assert made((user, "create"), ("system:serviceaccount:capi:manager", "patch"))


@pytest.mark.parametrize(
    "user", ["ipam", "system:serviceaccount:argocd:server", "system:kube-controller-manager", "system:node:n1"]
)
def test_a_program_made_it(user):
    assert not made((user, "create"))
    assert not made(("anna", "patch"), (user, "create"))


def test_a_user_name_that_a_controller_shares_is_none():
    assert not made(("anna", "create"), agent="ipam/v2 (linux)")


def test_field_managers_tell_where_no_audit_log_does():
    assert made(managers=(KUBECTL,))
    assert not made(managers=(IPAM,))
    assert not made()


@pytest.mark.parametrize(("user", "expected"), [("anna", True), ("ipam", False), ("", False)])
def test_who_deleted_it(user, expected):
    story = Story().sees("kube", "audit")
    wrote(story, "ipam", "patch", "ipam/v1", "status")
    story.object("target", "IPPool", "pool", POOL)
    story.object("target", "IPPool", "pool", POOL, "deleted")
    if user:
        wrote(story, user, "delete")
    assert is_deleted_by_user(*last(story)) is expected
