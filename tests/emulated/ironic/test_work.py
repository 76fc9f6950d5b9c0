"""Inspection, cleaning, deployment, tear-down: Ironic, BMC, server, agent, image server and workload cluster together, over sockets."""

import pytest

INSERT, EJECT, RESET = "VirtualMedia.InsertMedia", "VirtualMedia.EjectMedia", "ComputerSystem.Reset"
SYSTEM = "babe0000-0000-0000-0000-000000000001"
CONFIGDRIVE = {
    "meta_data": {"local-hostname": "node-1", "name": "lab-md-new", "providerid": "metal3/node-1/lab-md-new", "uuid": "u-1"},
    "user_data": "#cloud-config\n# worker\n",
    "network_data": {},
}


def told(write):
    """A write in a word or two."""
    _, what, body = write
    if what == RESET:
        return body.split('"')[3]
    if what == SYSTEM:
        return "boot " + body.split('"BootSourceOverrideTarget":')[1].split('"')[1]
    return {INSERT: "insert", EJECT: "eject", "Sessions": "session"}[what]


def story(bmc):
    return [told(write) for write in bmc.writes()]


async def image(bmo, ident, images, checksum=None):
    operations = [
        {"op": "add", "path": "/instance_info/image_source", "value": images.url},
        {"op": "add", "path": "/instance_info/image_os_hash_algo", "value": "sha256"},
        {"op": "add", "path": "/instance_info/image_os_hash_value", "value": checksum or images.checksum_url},
    ]
    assert (await bmo.call("PATCH", f"/v1/nodes/{ident}", operations))[0] == 200


async def deployed(bmo, bmc, images):
    ident = await bmo.enrol_and_manage(bmc)
    assert await bmo.provision(ident, "provide") == 202
    assert (await bmo.settled(ident))["provision_state"] == "available"
    await image(bmo, ident, images)
    assert await bmo.provision(ident, "active", configdrive=CONFIGDRIVE) == 202
    node = await bmo.settled(ident)
    assert (node["provision_state"], node["last_error"]) == ("active", None)
    return ident


async def test_an_inspection_power_cycles_the_server_and_leaves_it_off(bmo, bmc, server):
    ident = await bmo.enrol_and_manage(bmc)
    assert await bmo.provision(ident, "inspect") == 202
    waiting = await bmo.until(ident, lambda node: node["provision_state"] == "inspect wait")
    assert (waiting["reservation"], waiting["target_provision_state"]) == (None, "manageable")
    node = await bmo.settled(ident)
    assert (node["provision_state"], node["power_state"]) == ("manageable", "power off")
    assert node["inspection_finished_at"]
    assert story(bmc) == ["session", "ForceOff", "insert", "boot Cd", "On", "ForceOff", "eject"]
    assert server.disk.machine_id == "e4c95f42f6c1451a9eba9de92c74e53b"


async def test_an_inspection_brings_the_inventory(bmo, bmc, server):
    ident = await bmo.enrol_and_manage(bmc)
    await bmo.provision(ident, "inspect")
    await bmo.settled(ident)
    _, body, _ = await bmo.call("GET", f"/v1/nodes/{ident}/inventory")
    assert body["inventory"]["interfaces"][0]["mac_address"] == "52:54:00:00:00:01"
    assert body["inventory"]["hostname"] == "node-1"


async def test_cleaning_wipes_the_disk_and_the_node_is_gone(bmo, bmc, server, kubelet):
    ident = await bmo.enrol_and_manage(bmc)
    await bmo.provision(ident, "provide")
    await kubelet(lambda nodes: not nodes)
    assert (await bmo.settled(ident))["provision_state"] == "available"
    assert server.disk is None
    assert story(bmc) == ["session", "ForceOff", "insert", "boot Cd", "On", "ForceOff", "eject"]


async def test_without_automated_cleaning_nothing_is_touched(bmo, bmc, server):
    ident = await bmo.enrol_and_manage(bmc)
    await bmo.call("PATCH", f"/v1/nodes/{ident}", [{"op": "add", "path": "/automated_clean", "value": False}])
    await bmo.provision(ident, "provide")
    assert (await bmo.settled(ident))["provision_state"] == "available"
    assert story(bmc) == ["session"]
    assert server.disk is not None


async def test_a_deployment_writes_the_image_and_a_new_node_registers(bmo, bmc, server, images, kubelet):
    old = (await kubelet(lambda nodes: nodes))[0]
    await deployed(bmo, bmc, images)
    assert story(bmc)[7:] == ["insert", "boot Cd", "On", "boot Hdd", "eject", "boot Hdd", "On"]
    new = (await kubelet(lambda nodes: nodes and nodes[0].get("status", {}).get("conditions")))[0]
    assert new["metadata"]["uid"] != old["metadata"]["uid"]
    assert new["spec"]["providerID"] == "metal3://metal3/node-1/lab-md-new"
    assert new["status"]["nodeInfo"]["machineID"] == server.disk.machine_id != old["status"]["nodeInfo"]["machineID"]
    assert images.fetched == 1


async def test_a_deployment_of_an_image_with_another_checksum_fails(bmo, bmc, server, images):
    ident = await bmo.enrol_and_manage(bmc)
    await bmo.provision(ident, "provide")
    await bmo.settled(ident)
    await image(bmo, ident, images, checksum="0" * 64)
    await bmo.provision(ident, "active", configdrive=CONFIGDRIVE)
    node = await bmo.settled(ident)
    assert node["provision_state"] == "deploy failed"
    assert "checksum" in node["last_error"]
    assert server.disk is None


async def test_a_deletion_cleans_and_leaves_the_server_off_and_available(bmo, bmc, server, images, kubelet):
    ident = await deployed(bmo, bmc, images)
    before = len(story(bmc))
    assert await bmo.provision(ident, "deleted") == 202
    assert (await bmo.node(ident))["provision_state"] == "deleting"
    node = await bmo.settled(ident)
    assert (node["provision_state"], node["power_state"], node["instance_info"]) == ("available", "power off", {})
    assert story(bmc)[before:] == ["ForceOff", "insert", "boot Cd", "On", "ForceOff", "eject"]
    assert server.disk is None
    assert await kubelet(lambda nodes: not nodes) == []


async def test_an_agent_that_never_calls_can_be_given_up(bmo, bmc):
    ident = await bmo.enrol_and_manage(bmc)
    await bmo.provision(ident, "inspect")
    await bmo.until(ident, lambda node: node["provision_state"] == "inspect wait")
    assert await bmo.provision(ident, "abort") == 202
    assert (await bmo.settled(ident))["provision_state"] == "inspect failed"


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        ("power off", ("Off", ["ForceOff"])),
        ("soft power off", ("Off", ["GracefulShutdown"])),
        ("rebooting", ("On", ["ForceOff", "On"])),
        ("power on", ("On", [])),
    ],
)
async def test_power_is_changed_only_when_it_differs(bmo, bmc, server, target, outcome):
    ident = await bmo.enrol_and_manage(bmc)
    assert (await bmo.call("PUT", f"/v1/nodes/{ident}/states/power", {"target": target}))[0] == 202
    await bmo.settled(ident)
    assert (bmc.machine.power, story(bmc)[1:]) == outcome


async def test_a_reboot_gives_a_new_boot_id_on_the_same_node(bmo, bmc, server, kubelet):
    old = (await kubelet(lambda nodes: nodes))[0]
    bmc.machine.reset("ForceRestart")
    new = (await kubelet(lambda nodes: nodes[0]["status"]["nodeInfo"]["bootID"] != old["status"]["nodeInfo"]["bootID"]))[0]
    assert new["metadata"]["uid"] == old["metadata"]["uid"]
    assert new["status"]["nodeInfo"]["machineID"] == old["status"]["nodeInfo"]["machineID"]


async def test_a_server_that_is_off_is_not_ready(bmc, server, kubelet):
    bmc.machine.reset("ForceOff")
    nodes = await kubelet(lambda nodes: nodes[0]["status"]["conditions"][-1]["status"] == "Unknown")
    assert nodes[0]["status"]["conditions"][-1]["message"] == "host is off"


async def test_a_stranger_cannot_pass_for_the_agent(bmo, bmc):
    ident = await bmo.enrol_and_manage(bmc)
    await bmo.provision(ident, "provide")
    await bmo.until(ident, lambda node: node["provision_state"] == "clean wait")
    body = {"callback_url": "http://127.0.0.1:1", "agent_token": "guessed", "agent_version": "1"}
    assert (await bmo.call("POST", f"/v1/heartbeat/{ident}", body, credentials=None))[0] == 401
    assert (await bmo.node(ident))["provision_state"] == "clean wait"


async def test_lookup_answers_only_while_an_agent_is_expected(bmo, bmc):
    ident = await bmo.enrol_and_manage(bmc)
    path = "/v1/lookup?addresses=52:54:00:00:00:01"
    assert (await bmo.call("GET", path, credentials=None))[0] == 404
    await bmo.provision(ident, "provide")
    await bmo.until(ident, lambda node: node["provision_state"] == "clean wait")
    status, found, _ = await bmo.call("GET", path, credentials=None)
    assert (status, found["node"]["uuid"], found["config"]["agent_token"]) == (200, ident, "******")
