import aiohttp

SYSTEM = "babe0000-0000-0000-0000-000000000001"


async def test_verify_reads_the_power_and_writes_nothing_but_a_session(bmo, bmc):
    ident = await bmo.enrol_and_manage(bmc)
    node = await bmo.node(ident)
    assert (node["power_state"], node["last_error"]) == ("power on", None)
    assert [write[:2] for write in bmc.writes()] == [("POST", "Sessions")]


async def test_a_node_is_locked_while_it_is_verified(bmo, bmc):
    ident = await bmo.enrol(bmc)
    assert await bmo.provision(ident, "manage") == 202
    node = await bmo.node(ident)
    assert (node["provision_state"], node["target_provision_state"], node["reservation"]) == (
        "verifying",
        "manageable",
        "ironic-target",
    )
    assert (await bmo.call("PATCH", f"/v1/nodes/{ident}", []))[0] == 409


async def test_verify_with_a_wrong_password_goes_back_to_enroll_and_says_why(bmo, bmc):
    bmc.users["admin"] = "changed"
    ident = await bmo.enrol(bmc)
    await bmo.provision(ident, "manage")
    node = await bmo.settled(ident)
    assert node["provision_state"] == "enroll"
    assert "refused the credentials" in node["last_error"]


async def test_verify_of_a_bmc_behind_a_cut_goes_back_to_enroll(bmo, bmc, network):
    network.cut("c", "127.77.2.1", "127.77.10.2")
    ident = await bmo.enrol(bmc)
    await bmo.provision(ident, "manage")
    node = await bmo.settled(ident)
    assert (node["provision_state"], node["power_state"]) == ("enroll", None)
    assert "Unable to connect" in node["last_error"]
    assert bmc.asked() == []


async def test_adoption_only_reads(bmo, bmc):
    ident = await bmo.enrol_and_manage(bmc)
    assert await bmo.provision(ident, "adopt") == 202
    assert (await bmo.node(ident))["provision_state"] == "adopting"
    node = await bmo.settled(ident)
    assert (node["provision_state"], node["deploy_interface"]) == ("active", "direct")
    assert [write[:2] for write in bmc.writes()] == [("POST", "Sessions")]
    assert bmc.machine.reset_count == 0


async def test_adoption_ejects_media_that_were_left_in(bmo, bmc):
    bmc.machine.insert("Cd", "http://127.77.1.1:1/old.iso")
    ident = await bmo.enrol_and_manage(bmc)
    await bmo.provision(ident, "adopt")
    assert (await bmo.settled(ident))["provision_state"] == "active"
    assert [write[:2] for write in bmc.writes()] == [("POST", "Sessions"), ("POST", "VirtualMedia.EjectMedia")]


async def test_an_adoption_that_fails_forgets_the_power(bmo, bmc, network):
    ident = await bmo.enrol_and_manage(bmc)
    network.cut("c", "127.77.2.1", "127.77.10.2")
    await bmo.provision(ident, "adopt")
    node = await bmo.settled(ident)
    assert (node["provision_state"], node["power_state"]) == ("adopt failed", None)


async def test_the_bmc_sees_who_asks(bmo, bmc):
    await bmo.enrol_and_manage(bmc)
    assert {(entry.address, entry.user_agent) for entry in bmc.machine.requests} == {("127.77.2.1", "sushy/5.14.0")}


async def test_a_session_that_the_bmc_forgot_is_opened_again(bmo, bmc):
    ident = await bmo.enrol_and_manage(bmc)
    reset = f"{bmc.url}/redfish/v1/Managers/{SYSTEM}/Actions/Manager.Reset"
    operator = {"Authorization": aiohttp.encode_basic_auth("admin", "password")}
    async with bmo.session.post(reset, json={}, headers=operator) as answer:
        assert answer.status == 204
    await bmo.provision(ident, "adopt")
    assert (await bmo.settled(ident))["provision_state"] == "active"
    assert [write[:2] for write in bmc.writes()].count(("POST", "Sessions")) == 1


async def test_new_credentials_are_used_at_once(bmo, bmc):
    ident = await bmo.enrol_and_manage(bmc)
    bmc.users["admin"] = "rotated"
    patch = [{"op": "replace", "path": "/driver_info/redfish_password", "value": "rotated"}]
    assert (await bmo.call("PATCH", f"/v1/nodes/{ident}", patch))[0] == 200
    await bmo.provision(ident, "adopt")
    assert (await bmo.settled(ident))["provision_state"] == "active"


async def test_stopping_amid_an_adoption_ends_it(bmo, bmc):
    ident = await bmo.enrol_and_manage(bmc)
    await bmo.provision(ident, "adopt")
    await bmo.ironic.stop()
    before = len(bmc.asked())
    await bmo.ironic.start()
    assert (await bmo.call("GET", "/v1/nodes"))[1] == {"nodes": []}
    assert len(bmc.asked()) == before
