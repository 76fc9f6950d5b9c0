import json

import pytest

from harness.emulated.controllers.bmo.hardware import hardware_details
from harness.emulated.controllers.bmo.outcome import Work
from harness.emulated.controllers.bmo.registration import node_body
from harness.emulated.controllers.bmo.status import (
    begin,
    clear_error,
    empty,
    end,
    enter,
    from_annotation,
    set_conditions,
    set_error,
    state_of,
)
from harness.emulated.servers.hardware import inventory

pytestmark = pytest.mark.dated

GOOD = {
    "provisioning": {"ID": "1", "image": {"url": "http://image"}, "state": "provisioned"},
    "lastUpdated": "2026-01-01T00:00:00Z",
}


def test_a_good_annotation_restores_the_status_and_the_hardware_comes_from_elsewhere():
    status = from_annotation(json.dumps(GOOD), {"hostname": "node-0"})
    assert status is not None
    assert state_of(status) == "provisioned"
    assert status["hardware"] == {"hostname": "node-0"}
    assert status["lastUpdated"] == GOOD["lastUpdated"]


@pytest.mark.parametrize("text", [None, "", "{not json", '"text"'])
def test_what_cannot_be_read_is_as_if_it_were_not_there(text):
    assert from_annotation(text, None) is None


def test_an_empty_annotation_restores_a_host_without_a_state():
    status = from_annotation("{}", None)
    assert status is not None
    assert state_of(status) == ""
    assert status["lastUpdated"]


def test_a_state_notes_when_it_began_and_ended():
    status = empty()
    enter(status, "registering")
    assert status["operationHistory"]["register"] == {"start": status["operationHistory"]["register"]["start"], "end": None}
    enter(status, "inspecting")
    assert status["operationHistory"]["register"]["end"]
    assert status["operationHistory"]["inspect"]["start"]
    before = dict(status["operationHistory"]["register"])
    end(status, "registering")
    assert status["operationHistory"]["register"] == before
    begin(status, "available")
    assert set(status["operationHistory"]) == {"register", "inspect", "provision", "deprovision"}


def test_an_error_counts_each_time_and_clearing_it_leaves_the_count():
    status = empty()
    set_error(status, "registration error", "no secret")
    set_error(status, "registration error", "no secret")
    assert status["errorCount"] == 2
    assert clear_error(status)
    assert not clear_error(status)
    assert (status["operationalStatus"], status["errorMessage"], status["errorCount"]) == ("OK", "", 2)
    assert "errorType" not in status


def test_conditions_come_in_the_recorded_order_and_keep_their_times():
    host = {"metadata": {"generation": 1}, "status": empty()}
    set_conditions(host, healthy=None)
    assert [said["type"] for said in host["status"]["conditions"]] == [
        "Ready",
        "AvailableForProvisioning",
        "Healthy",
        "Manageable",
        "Progressing",
        "Provisioned",
    ]
    for said in host["status"]["conditions"]:
        said["lastTransitionTime"] = "then"
    host["status"]["provisioning"]["state"] = "provisioned"
    host["metadata"]["generation"] = 2
    set_conditions(host, healthy=None)
    told = {said["type"]: said for said in host["status"]["conditions"]}
    assert told["Provisioned"]["status"] == told["Ready"]["status"] == told["Manageable"]["status"] == "True"
    assert told["Provisioned"]["lastTransitionTime"] != "then"
    assert told["AvailableForProvisioning"]["lastTransitionTime"] == "then"
    assert (told["Healthy"]["status"], told["Healthy"]["observedGeneration"]) == ("Unknown", 1)


def test_a_node_is_enrolled_from_the_bmc_address():
    spec = {
        "bmc": {"address": "redfish-virtualmedia+http://127.0.0.9:8000/redfish/v1/Systems/1"},
        "bootMACAddress": "52:54:00:00:00:01",
    }
    host = {"metadata": {"namespace": "metal3", "name": "node-0"}, "spec": spec, "status": empty()}
    body = node_body(Work(host, {"data": {"username": "YWRtaW4=", "password": "c2VjcmV0"}}))
    assert body["name"] == "metal3~node-0"
    assert body["boot_interface"] == "redfish-virtual-media"
    assert body["driver_info"] == {
        "redfish_address": "http://127.0.0.9:8000",
        "redfish_system_id": "/redfish/v1/Systems/1",
        "redfish_username": "admin",
        "redfish_password": "secret",
        "redfish_verify_ca": True,
    }


def test_inspection_finds_what_the_seed_says_it_found():
    from harness.emulated.plan.plan import Config, make_plan
    from harness.emulated.seed.metal3 import hardware

    plan = make_plan(Config()).hosts[0]
    found = inventory(name=plan.name, mac=plan.mac, address=plan.address, system_uuid=plan.uuid, bmc_address=plan.bmc_address)
    assert hardware_details(found) == hardware(plan)
