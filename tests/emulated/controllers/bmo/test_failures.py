"""What BMO cannot do it counts, tells and tries again: every 10 s for a Secret, for all else after a minute or two, then ever longer."""

import base64
from typing import Any

import pytest

from harness.emulated.controllers.bmo.outcome import BACK_OFF_SECONDS, FAILURE_EVENTS, Work
from harness.emulated.controllers.bmo.states import States
from harness.emulated.controllers.bmo.status import empty, state_of
from harness.emulated.kube.resources import HOSTS, SECRETS
from harness.emulated.plan.time_scale import Pace
from tests.emulated.controllers.host_timeline import events
from tests.emulated.controllers.test_provisioning import apply, manifests
from tests.emulated.running_lab import RunningLab, running_lab

IMAGE = {"url": "http://images/os", "checksum": "abc"}
STEPS = {
    "inspecting": ("inspection error", "inspect failed", "inspect"),
    "provisioned": ("provisioned registration error", "adopt failed", "adopt"),
    "deprovisioning": ("provisioning error", "clean failed", "manage"),
}
"""State of a host -> how its failure is called, the node's state, and what Ironic is asked for at the second look."""


class Ironic:
    """An Ironic with one node, and what was asked of it."""

    def __init__(self, state: str, error: str = "it broke") -> None:
        self.body: dict[str, Any] = {"uuid": "u", "provision_state": state, "last_error": error, "power_state": "power on"}
        self.asked: list[str] = []

    async def node(self, _: str) -> dict[str, Any]:
        return self.body

    async def inventory(self, _: str) -> None:
        return None

    async def provision(self, _: str, target: str, **__: Any) -> None:
        self.asked.append(target)

    async def power(self, _: str, target: str) -> None:
        self.asked.append(target)

    async def delete_node(self, _: str) -> None:
        self.asked.append("delete")


def machine(ironic: Any) -> States:
    async def nothing(_: Any) -> dict[str, Any]:
        return {}

    return States(ironic, Pace(1.0), nothing)


def work(state: str, *, deleted: bool = False, **spec: Any) -> Work:
    status = empty() | {"operationalStatus": "OK"}
    status["provisioning"] |= {"state": state, "ID": "u", "image": dict(IMAGE)}
    metadata = {"name": "node-1", "namespace": "metal3", **({"deletionTimestamp": "now"} if deleted else {})}
    return Work({"metadata": metadata, "spec": {"online": True, "image": dict(IMAGE), **spec}, "status": status})


@pytest.mark.parametrize("state", STEPS)
async def test_a_failure_is_told_first_and_started_again_at_the_next_look(state):
    kind, node, asked = STEPS[state]
    ironic, host = Ironic(node), work(state)
    failed = await machine(ironic).step(host)

    assert (host.status["errorType"], host.status["operationalStatus"], host.status["errorCount"]) == (kind, "error", 1)
    assert host.status["errorMessage"].endswith("it broke")
    assert [reason for reason, _ in host.events] == [FAILURE_EVENTS[kind]]
    assert not ironic.asked
    assert failed.dirty
    assert failed.after
    assert BACK_OFF_SECONDS <= failed.after <= 2 * BACK_OFF_SECONDS

    again = await machine(ironic).step(host)
    assert ironic.asked == [asked]
    assert again.dirty
    assert "errorType" not in host.status
    assert host.status["errorCount"] == 1, "it is forgotten with the success only"

    longer = await machine(ironic).step(host)
    assert longer.after
    assert 2 * BACK_OFF_SECONDS <= longer.after <= 4 * BACK_OFF_SECONDS


async def test_a_failed_deployment_is_told_and_then_taken_back():
    host = work("provisioning")
    host.status["provisioning"]["image"] = {"url": ""}
    await machine(Ironic("deploy failed")).step(host)
    text = "Image provisioning failed (url: http://images/os, checksum: abc): it broke"
    assert (host.status["errorMessage"], host.status["provisioningFailCount"], state_of(host.status)) == (text, 0, "provisioning")

    await machine(Ironic("deploy failed")).step(host)
    assert (state_of(host.status), host.status["provisioningFailCount"]) == ("deprovisioning", 1)


async def test_a_server_that_cannot_be_switched_is_forced_at_the_second_try():
    ironic, host = Ironic("active"), work("provisioned", online=False)
    host.status["poweredOn"] = True
    await machine(ironic).step(host)
    assert host.status["errorType"] == "power management error"
    await machine(ironic).step(host)
    assert ironic.asked == ["power off"]


async def test_a_host_that_is_to_be_deleted_is_let_go_after_four_failures():
    ironic, host = Ironic("clean failed"), work("deprovisioning", deleted=True)
    for _ in range(4):
        host.status.pop("errorType", None)
        await machine(ironic).step(host)
    assert state_of(host.status) == "powering off before delete"

    host = work("deprovisioning", deleted=True)
    host.status.update(errorType="registration error", errorCount=4)
    assert machine(ironic).leave(host).dirty
    assert state_of(host.status) == "deleting"


async def test_a_node_that_had_to_be_made_known_again_is_cleaned_all_the_same():
    ironic, host = Ironic("manageable", ""), work("deprovisioning")
    await machine(ironic).step(host)
    assert (ironic.asked, state_of(host.status)) == (["provide"], "deprovisioning")


def host_of(lab: RunningLab, name: str) -> dict[str, Any]:
    return next((each for each in lab.all("source", HOSTS) if each["metadata"]["name"] == name), {})


async def test_a_secret_that_is_missing_incomplete_and_wrong_is_told_each_time(tmp_path):
    async with running_lab(tmp_path, hosts=1, spares=0, provisioned=False) as lab:
        client, applied = lab.clients["source"], manifests(lab, "hosts")
        (secret,) = (each for each in applied if each["kind"] == "Secret")
        await apply(client, [each for each in applied if each is not secret])

        def status() -> dict[str, Any]:
            found: dict[str, Any] = host_of(lab, "node-0").get("status", {})
            return found

        await lab.until(lambda: status().get("errorCount", 0) >= 3)
        assert status()["errorMessage"].endswith("The BMC secret metal3/node-0-bmc does not exist")
        assert events(lab.changes, "source", "node-0").count("BMCCredentialError") >= 2

        right = dict(secret["data"])
        await apply(client, [secret | {"data": right | {"password": ""}}])
        await lab.until(lambda: "'password' in credentials" in status()["errorMessage"])

        async def change(**data: str) -> None:
            await client.merge_patch(SECRETS, await client.get(SECRETS, "node-0-bmc", "metal3"), {"data": data})

        await change(password=base64.b64encode(b"wrong").decode())
        await lab.until(lambda: "RegistrationError" in events(lab.changes, "source", "node-0"))
        assert status()["errorType"] == "registration error"
        await change(password=right["password"])
        await lab.until(lambda: status()["provisioning"]["state"] == "available")
        assert (status()["errorCount"], status()["errorMessage"]) == (0, "")
