"""A server whose node has the boot interface `ipxe` finds its agent on the network: which script, which token, and when not."""

from tests.emulated.ironic.test_work import CONFIGDRIVE, deployed, story

MAC_PATH = "/pxelinux.cfg/52-54-00-00-00-01"
LOOKUP = "/v1/lookup?addresses=52:54:00:00:00:01"


def netboots(bmc):
    bmc.enrolled_as = {"driver": "redfish", "boot_interface": "ipxe"}
    return bmc


async def test_a_deployment_over_the_network_writes_the_image(bmo, bmc, server, images, kubelet):
    await deployed(bmo, netboots(bmc), images)
    await kubelet(lambda nodes: [node["metadata"]["name"] for node in nodes] == [CONFIGDRIVE["meta_data"]["local-hostname"]])

    assert story(bmc) == ["session", *("ForceOff", "boot Pxe", "On", "ForceOff"), *("boot Pxe", "On", "boot Hdd", "On")]
    assert server.running == "os"


async def test_a_script_is_there_only_while_an_agent_is_expected_and_carries_no_token(bmo, bmc):
    ident = await bmo.enrol_and_manage(netboots(bmc))
    assert (await bmo.call("GET", MAC_PATH, credentials=None))[0] == 404
    await bmo.provision(ident, "provide")
    await bmo.until(ident, lambda node: node["provision_state"] == "clean wait")
    status, script, _ = await bmo.call("GET", MAC_PATH, credentials=None)

    assert (status, script.splitlines()[0]) == (200, "#!ipxe")
    assert "ipa-api-url=" in script
    assert "token" not in script


async def test_the_token_is_given_at_the_first_lookup_only(bmo, bmc):
    ident = await bmo.enrol_and_manage(netboots(bmc))
    await bmo.provision(ident, "provide")
    await bmo.until(ident, lambda node: node["provision_state"] == "clean wait")
    tokens = [(await bmo.call("GET", LOOKUP, credentials=None))[1]["config"]["agent_token"] for _ in range(2)]

    assert len(tokens[0]) == 64
    assert tokens[1] == "******"


async def test_a_server_that_finds_nothing_on_the_network_boots_its_disk(bmo, bmc, server, kubelet):
    before = server.boot_id
    bmc.machine.set_boot(type(bmc.machine.boot)(target="Pxe", enabled="Once"))
    bmc.machine.reset("ForceRestart")
    await kubelet(lambda nodes: bool(nodes) and nodes[0]["status"]["nodeInfo"]["bootID"] not in ("", before))

    assert server.running == "os"
