"""No Ironic and no operator is started beside a copy on which it would act while the other cluster owns the host."""

import pytest

from harness.errors import StepFailedError
from harness.journal.facts import WriteIntended
from harness.move.interlock import dangers, refuse_two_owners
from harness.steps import start_bmo, start_ironic
from tests.checks.history import PAUSED, host_body
from tests.steps.killed_move import DELETE_FOR_MOVE, HOSTS, killed_move


def copy(*, provisioning: dict | None = None, terminating: bool = False, bmc: str = "redfish://node-1", **annotations: str):
    body = host_body("node-1", annotations=annotations)
    body["status"]["provisioning"] = {"state": "provisioned"} if provisioning is None else provisioning
    body["spec"]["bmc"]["address"] = bmc
    if terminating:
        body["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return body


MARKED, HELD, NEW = {DELETE_FOR_MOVE: ""}, {PAUSED: "metal3.io/capm3"}, {"provisioning": {}}
OWNED = copy()


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        (copy(), OWNED, "un-paused"),
        (copy(**NEW), OWNED, "un-paused"),
        (copy(**MARKED), OWNED, "un-paused, marked to be deleted by the move"),
        (copy(**MARKED), copy(**NEW, **HELD), "un-paused, marked to be deleted by the move"),
        (copy(terminating=True, **MARKED), OWNED, "terminating"),
        (copy(terminating=True, **HELD), copy(**NEW, **HELD), "terminating"),
        (copy(bmc="redfish://node-1/"), OWNED, "un-paused"),
    ],
)
def test_a_copy_that_nobody_holds_back_is_told(here, there, told):
    assert [(each.name, each.how) for each in dangers([here], [there])] == [("node-1", told)]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ([], [OWNED]),
        ([OWNED], []),
        ([copy(**HELD)], [OWNED]),
        ([OWNED], [copy(**NEW, **HELD)]),
        ([OWNED], [copy(terminating=True, **MARKED)]),
        ([copy(terminating=True)], [copy(terminating=True)]),
        ([copy()], [copy(bmc="redfish://another-server")]),
    ],
)
def test_what_is_held_back_or_owned_here_is_none(here, there):
    assert not list(dangers(here, there))


async def test_beside_a_copy_that_the_move_left_marked_neither_is_started_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    async with killed_move(tmp_path) as moving:
        await refuse_two_owners(moving.bench, "source", "the Ironic")
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "metal3"}}
        await moving.bench.clusters["target"].create("/api/v1/namespaces", namespace)
        body = await moving.host("source", "node-1")
        there = {name: body[name] for name in ("apiVersion", "kind", "spec")} | {"metadata": {"name": "node-1"}}
        await moving.bench.clusters["target"].create(HOSTS, there)
        await moving.mark("source", "node-1")
        before = sum(isinstance(entry.fact, WriteIntended) for entry in moving.bench.journal.entries)
        for step, what in ((start_ironic.step, "the Ironic"), (start_bmo.step, "the Baremetal Operator")):
            with pytest.raises(StepFailedError) as raised:
                await step(moving.bench, cluster="source")
            said = str(raised.value)
            assert said.startswith(f"{what} of the source is not started")
            assert (
                "node-1 stands there un-paused, marked to be deleted by the move, and the target owns it (`on its way`)" in said
            )
            assert "kubectl -n metal3 annotate baremetalhosts node-1 baremetalhost.metal3.io/paused=metal3.io/capm3" in said

    assert before == sum(isinstance(entry.fact, WriteIntended) for entry in moving.bench.journal.entries)
