"""Hosts that say less than others: without a boot MAC address, without a BMC. The lab goes on, as BMO does."""

from typing import Any

import pytest

from harness.emulated.controllers.bmo.registration import needs_boot_mac
from harness.emulated.kube.resources import HOSTS
from tests.emulated.controllers.host_timeline import events
from tests.emulated.controllers.test_provisioning import apply, manifests
from tests.emulated.running_lab import RunningLab, running_lab

REFUSAL = "BMC driver redfish-virtualmedia+http requires a BootMACAddress value"


def host_of(lab: RunningLab, name: str) -> dict[str, Any]:
    return next((each for each in lab.all("source", HOSTS) if each["metadata"]["name"] == name), {})


def state(lab: RunningLab, name: str) -> str:
    return host_of(lab, name).get("status", {}).get("provisioning", {}).get("state", "")


@pytest.mark.parametrize(
    ("address", "more", "kind"),
    [
        ("redfish+http://10.0.0.1/redfish/v1/Systems/1", {}, ""),
        ("ipmi://10.0.0.1", {}, ""),
        ("10.0.0.1", {}, ""),
        ("libvirt://10.0.0.1:6230", {}, "libvirt"),
        ("10.0.0.1:6230", {"inspectionMode": "disabled"}, "ipmi"),
        ("redfish+http://10.0.0.1/redfish/v1/Systems/1", {"inspectionMode": "disabled"}, "redfish+http"),
        ("libvirt://10.0.0.1", {"bootMACAddress": "52:54:00:00:00:01"}, ""),
    ],
)
def test_only_libvirt_and_hosts_that_are_not_inspected_need_a_boot_mac_address(address, more, kind):
    host = {"metadata": {}, "spec": {"bmc": {"address": address}, **more}}
    assert needs_boot_mac(host) == (f"BMC driver {kind} requires a BootMACAddress value" if kind else "")


def test_the_older_annotation_disables_inspection_too():
    host = {"metadata": {"annotations": {"inspect.metal3.io": "disabled"}}, "spec": {"bmc": {"address": "ipmi://10.0.0.1"}}}
    assert needs_boot_mac(host) == "BMC driver ipmi requires a BootMACAddress value"


async def test_hosts_without_a_boot_mac_address_or_a_bmc_are_treated_as_bmo_treats_them(tmp_path):
    async with running_lab(tmp_path, hosts=2, spares=1, provisioned=False) as lab:
        client, applied = lab.clients["source"], manifests(lab, "hosts")
        inspected, uninspected, discovered = (each["spec"] for each in applied if each["kind"] == HOSTS.kind)
        _, mac, _ = (spec.pop("bootMACAddress") for spec in (inspected, uninspected, discovered))
        uninspected["inspectionMode"] = "disabled"
        bmc = discovered.pop("bmc")
        await apply(client, applied)

        await lab.until(lambda: state(lab, "node-0") == "available")
        await lab.until(lambda: host_of(lab, "node-1").get("status", {}).get("errorMessage", "") != "")
        await lab.until(lambda: state(lab, "node-2") == "unmanaged")
        assert host_of(lab, "node-0")["status"]["hardware"]["nics"]
        refused = host_of(lab, "node-1")["status"]
        assert (refused["errorType"], refused["errorMessage"]) == ("registration error", REFUSAL)
        assert state(lab, "node-1") == "registering"
        assert host_of(lab, "node-2")["status"]["operationalStatus"] == "discovered"
        assert "Discovered" in events(lab.changes, "source", "node-2")

        await client.merge_patch(HOSTS, host_of(lab, "node-1"), {"spec": {"bootMACAddress": mac}})
        await client.merge_patch(HOSTS, host_of(lab, "node-2"), {"spec": {"bmc": bmc}})
        await lab.until(lambda: state(lab, "node-1") == state(lab, "node-2") == "available")
