import aiohttp
import pytest

from harness.emulated.ironic import Ironic

WANTED = {
    "name": "metal3~node-1",
    "driver": "redfish",
    "driver_info": {"redfish_address": "http://127.77.10.2:1", "redfish_username": "u", "redfish_password": "p"},
    "boot_interface": "redfish-virtual-media",
}


async def create(bmo, **more):
    status, node, _ = await bmo.call("POST", "/v1/nodes", WANTED | more)
    assert status == 201
    return node


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/"])
async def test_versions_are_public(bmo, path):
    status, _, headers = await bmo.call("GET", path, credentials=None)
    assert status == 200
    assert headers["X-OpenStack-Ironic-API-Maximum-Version"] == "1.115"


@pytest.mark.parametrize("path", ["/v1/nodes", "/v1/drivers", "/v1/ports", "/v1/nodes/x"])
@pytest.mark.parametrize("credentials", [None, ("ironic", "wrong")])
async def test_everything_else_asks_for_credentials(bmo, path, credentials):
    status, body, headers = await bmo.call("GET", path, credentials=credentials)
    assert status == 401
    assert "error_message" in body
    assert headers["WWW-Authenticate"].startswith("Basic")


async def test_a_microversion_that_is_too_new_is_not_acceptable(bmo):
    assert (await bmo.call("GET", "/v1/nodes", version="1.999"))[0] == 406
    assert (await bmo.call("GET", "/v1/nodes", version="latest"))[2]["X-OpenStack-Ironic-API-Version"] == "1.115"


async def test_the_driver_list_is_not_empty(bmo):
    assert [driver["name"] for driver in (await bmo.call("GET", "/v1/drivers"))[1]["drivers"]] == ["redfish", "ipmi"]


async def test_a_new_node_is_enrolled_and_its_password_masked(bmo):
    node = await create(bmo)
    assert (node["provision_state"], node["power_state"], node["deploy_interface"]) == ("enroll", None, "autodetect")
    assert node["driver_info"]["redfish_password"] == "******"


async def test_a_node_is_found_by_uuid_and_by_name(bmo):
    node = await create(bmo)
    for ident in (node["uuid"], "metal3~node-1"):
        assert (await bmo.call("GET", f"/v1/nodes/{ident}"))[1]["uuid"] == node["uuid"]
    assert (await bmo.call("GET", "/v1/nodes/node-1"))[0] == 404


async def test_a_list_has_the_fields_that_were_asked_for(bmo):
    node = await create(bmo)
    _, body, _ = await bmo.call("GET", "/v1/nodes?fields=uuid,name,provision_state")
    assert body == {"nodes": [{"uuid": node["uuid"], "name": "metal3~node-1", "provision_state": "enroll"}]}
    assert (await bmo.call("GET", "/v1/nodes?fields=nonsense"))[0] == 400


async def test_a_long_list_comes_in_pages(bmo):
    for number in range(3):
        await create(bmo, name=f"metal3~node-{number}")
    _, first, _ = await bmo.call("GET", "/v1/nodes?fields=name,uuid&limit=2")
    _, second, _ = await bmo.call("GET", first["next"].removeprefix(bmo.ironic.url))
    assert [node["name"] for node in first["nodes"] + second["nodes"]] == [f"metal3~node-{number}" for number in range(3)]
    assert "next" not in second


async def test_a_second_node_of_that_name_is_a_conflict(bmo):
    await create(bmo)
    assert (await bmo.call("POST", "/v1/nodes", WANTED))[0] == 409


async def test_another_driver_is_refused(bmo):
    assert (await bmo.call("POST", "/v1/nodes", WANTED | {"driver": "ilo"}))[0] == 400


async def test_a_patch_changes_what_a_client_may_change(bmo):
    node = await create(bmo)
    operations = [
        {"op": "add", "path": "/driver_info/deploy_kernel", "value": "http://k"},
        {"op": "replace", "path": "/automated_clean", "value": True},
        {"op": "add", "path": "/instance_info/image_source", "value": "http://i"},
        {"op": "remove", "path": "/boot_interface"},
    ]
    status, patched, _ = await bmo.call("PATCH", f"/v1/nodes/{node['uuid']}", operations)
    assert status == 200
    assert patched["driver_info"]["deploy_kernel"] == "http://k"
    assert (patched["automated_clean"], patched["boot_interface"]) == (True, "ipxe")


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/provision_state", "value": "active"},
        {"op": "add", "path": "/power_state", "value": "power on"},
        {"op": "remove", "path": "/extra/none"},
        {"op": "replace"},
    ],
)
async def test_a_patch_of_anything_else_is_refused(bmo, operation):
    node = await create(bmo)
    assert (await bmo.call("PATCH", f"/v1/nodes/{node['uuid']}", [operation]))[0] == 400
    assert (await bmo.node(node["uuid"]))["provision_state"] == "enroll"


async def test_ports_are_found_by_address_and_go_with_their_node(bmo):
    node = await create(bmo)
    port = {"node_uuid": node["uuid"], "address": "52:54:00:AA:00:01"}
    assert (await bmo.call("POST", "/v1/ports", port))[0] == 201
    assert (await bmo.call("POST", "/v1/ports", port))[0] == 409
    _, found, _ = await bmo.call("GET", "/v1/ports?address=52:54:00:aa:00:01&fields=node_uuid")
    assert [port["node_uuid"] for port in found["ports"]] == [node["uuid"]]
    assert (await bmo.call("DELETE", f"/v1/nodes/{node['uuid']}"))[0] == 204
    assert (await bmo.call("GET", "/v1/ports"))[1] == {"ports": []}


async def test_an_active_node_is_deleted_only_in_maintenance(bmo):
    node = bmo.ironic.database.preload(WANTED | {"provision_state": "active"})
    path = f"/v1/nodes/{node.uuid}"
    assert (await bmo.call("DELETE", path))[0] == 400
    assert (await bmo.call("PUT", f"{path}/maintenance", {"reason": "leaving"}))[0] == 202
    assert (await bmo.call("DELETE", path))[0] == 204
    assert (await bmo.call("GET", path))[0] == 404


@pytest.mark.parametrize(
    ("state", "verb"), [("enroll", "adopt"), ("active", "inspect"), ("manageable", "active"), ("enroll", "fly")]
)
async def test_a_verb_that_does_not_fit_the_state_is_refused(bmo, state, verb):
    node = bmo.ironic.database.preload(WANTED | {"provision_state": state})
    assert await bmo.provision(node.uuid, verb) == 400
    assert (await bmo.node(node.uuid))["provision_state"] == state


async def test_a_reserved_node_is_locked_for_writers(bmo):
    node = bmo.ironic.database.preload(WANTED | {"provision_state": "manageable", "reservation": "ironic-target"})
    assert await bmo.provision(node.uuid, "adopt") == 409
    assert (await bmo.call("PUT", f"/v1/nodes/{node.uuid}/states/power", {"target": "power off"}))[0] == 409
    assert (await bmo.call("PATCH", f"/v1/nodes/{node.uuid}", [{"op": "replace", "path": "/name", "value": "x"}]))[0] == 409
    assert (await bmo.call("DELETE", f"/v1/nodes/{node.uuid}"))[0] == 409


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/nodes"), ("POST", "/v1/ports"), ("PUT", "/v1/nodes/n/states/provision")]
)
async def test_a_body_that_is_no_object_is_a_bad_request(bmo, method, path):
    assert (await bmo.call(method, path, ["no object"]))[0] in (400, 404)


async def test_without_inspection_there_is_no_inventory(bmo):
    node = await create(bmo)
    assert (await bmo.call("GET", f"/v1/nodes/{node['uuid']}/inventory"))[0] == 404
    assert (await bmo.call("GET", f"/v1/nodes/{node['uuid']}/bios"))[1] == {"bios": []}


async def test_a_restarted_ironic_has_the_same_port_an_empty_database_and_new_uuids(bmo):
    url, first = bmo.ironic.url, await create(bmo)
    await bmo.ironic.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await bmo.call("GET", "/v1/nodes")
    assert await bmo.ironic.start() == url
    assert (await bmo.call("GET", "/v1/nodes"))[1] == {"nodes": []}
    assert (await create(bmo))["uuid"] != first["uuid"]


async def test_nodes_given_at_the_first_start_are_gone_at_the_second(network):
    nodes = [WANTED | {"provision_state": "active", "power_state": "power on", "ports": ["52:54:00:00:00:01"]}]
    ironic = Ironic("source", address="127.77.1.1", credentials=None, network=network, nodes=nodes)
    await ironic.start()
    assert [node.state for node in ironic.database] == ["active"]
    await ironic.stop()
    await ironic.start()
    assert list(ironic.database) == []
    await ironic.close()


async def test_the_same_seed_makes_the_same_uuids(network):
    made = []
    for _ in range(2):
        ironic = Ironic("source", address="127.77.1.1", credentials=None, network=network, seed=7)
        await ironic.start()
        made.append(ironic.database.create(WANTED).uuid)
        await ironic.close()
    assert made[0] == made[1]
