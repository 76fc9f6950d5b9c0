"""Each personality shows its family's marks of resets, and lies as the real BMC does: seen through our own observer."""

from datetime import timedelta

import aiohttp
import pytest

from bmc import witness
from bmc.redfish.observe import RedfishObserver
from bmc.redfish.personality import PERSONALITIES
from tests.bmc.serving import CREDENTIALS, emulated, machine

pytestmark = pytest.mark.dated

BASIC = {"Authorization": aiohttp.encode_basic_auth(CREDENTIALS.username, CREDENTIALS.password)}
FAMILIES = {"plain": "unknown", "dell_without_time": "dell"}

EVIDENCE = {
    "emulated": {"LastResetTime", "MetalPivot.ResetCount"},
    "plain": set(),
    "dell": {"LastResetTime"},
    "dell_without_time": set(),
    "hpe": {"Hpe.CurrentPowerOnTimeSeconds"},
    "lenovo": {"Lenovo.NumberOfReboots"},
    "supermicro": set(),
    "openbmc": {"LastResetTime.ColdOnly"},
    "ami": {"LastResetTime.ColdOnly"},
}
COLD_ONLY = {"hpe", "openbmc", "ami"}

SHOWN = {
    "emulated": {"LastResetTime", "BootProgress", "PowerRestorePolicy", "Oem.MetalPivot"},
    "plain": set(),
    "dell": {"LastResetTime", "Oem.Dell"},
    "dell_without_time": {"LastResetTime", "Oem.Dell"},
    "hpe": {"Oem.Hpe"},
    "lenovo": {"Oem.Lenovo"},
    "supermicro": {"BootProgress"},
    "openbmc": {"LastResetTime", "BootProgress", "PowerRestorePolicy", "Oem.OpenBmc"},
    "ami": {"LastResetTime", "PowerRestorePolicy", "Oem.Ami"},
}
MARKS = {"LastResetTime", "LastResetCause", "BootProgress", "PowerRestorePolicy", "Oem"}


def evidence(reading):
    return {name: value for name, value in reading.signals.items() if witness.latches(name)}


async def readings(name, *resets):
    """What the observer reads before and after these resets, an hour apart."""
    server = machine()
    async with emulated(server, personality=PERSONALITIES[name]) as bmc, RedfishObserver(bmc.address, CREDENTIALS) as observer:
        before = await observer.read()
        for reset in resets:
            server.clock.now += timedelta(hours=1)
            server.reset(reset)
        server.clock.now += timedelta(minutes=1)
        return before, await observer.read()


def moved(before, after):
    return {name for name, value in evidence(before).items() if witness.moved(name, value, evidence(after).get(name, ""))}


@pytest.mark.parametrize("name", PERSONALITIES)
async def test_its_family_is_recognised_and_its_evidence_is_there_and_quiet(name):
    before, after = await readings(name)

    assert before.family == FAMILIES.get(name, name)
    assert evidence(before).keys() == EVIDENCE[name]
    assert moved(before, after) == set()


@pytest.mark.parametrize("name", PERSONALITIES)
@pytest.mark.parametrize("reset", ["PowerCycle", "ForceRestart"])
async def test_a_reset_moves_the_evidence_that_latches_it_and_no_other(name, reset):
    if reset not in PERSONALITIES[name].reset_types:
        reset = ("ForceOff", "On")
    resets = (reset,) if isinstance(reset, str) else reset
    before, after = await readings(name, *resets)

    warm = resets == ("ForceRestart",)
    assert (before.power, after.power) == ("On", "On")
    assert moved(before, after) == (set() if warm and name in COLD_ONLY else EVIDENCE[name])


async def test_openbmc_moves_its_reset_time_already_when_power_goes():
    before, after = await readings("openbmc", "ForceOff")
    assert (after.power, moved(before, after)) == ("Off", {"LastResetTime.ColdOnly"})


async def test_an_ilo_counts_on_through_a_restart():
    before, after = await readings("hpe", "ForceRestart")
    grown = [int(reading.signals["Hpe.CurrentPowerOnTimeSeconds"]) for reading in (before, after)]
    assert grown[1] == grown[0] + 3660


async def test_a_supermicro_shows_nothing_at_all():
    before, after = await readings("supermicro", "ForceRestart", "PowerCycle")
    assert before.signals == {**after.signals, "Manager.LastResetTime": before.signals["Manager.LastResetTime"]}


@pytest.mark.parametrize("name", PERSONALITIES)
async def test_only_ours_tells_the_requests_that_were_made(name):
    async with emulated(personality=PERSONALITIES[name]) as bmc, RedfishObserver(bmc.address, CREDENTIALS) as observer:
        assert await observer.begin_requests() is (name == "emulated")
        assert len(bmc.machine.requests) > 0


@pytest.mark.parametrize("name", PERSONALITIES)
async def test_the_system_itself_shows_these_marks_and_no_other(name):
    async with (
        emulated(personality=PERSONALITIES[name]) as bmc,
        aiohttp.ClientSession(bmc.base, headers=BASIC) as client,
        client.get(bmc.system) as response,
    ):
        system = await response.json()
    oem = {f"Oem.{vendor}" for vendor in system.get("Oem", {})}
    assert (system.keys() & MARKS) - {"Oem"} | oem == SHOWN[name]


@pytest.mark.parametrize("name", PERSONALITIES)
async def test_the_hardware_log_tells_what_this_vendor_s_log_tells(name):
    personality = PERSONALITIES[name]
    async with emulated(personality=personality) as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as client:
        for reset in ("ForceRestart", "ForceOff", "On"):
            bmc.machine.reset(reset)
        manager = f"/redfish/v1/Managers/{personality.manager_id or bmc.system.rpartition('/')[2]}"
        holder = bmc.system if personality.log_in == "system" else manager
        async with client.get(f"{holder}/LogServices/{personality.log_id}/Entries") as response:
            assert response.status == 200
            entries = (await response.json())["Members"]
    assert len(entries) == 2 * ("cold" in personality.log_tells) + ("warm" in personality.log_tells)


def test_every_personality_has_the_name_of_its_file():
    assert [each.name for each in PERSONALITIES.values()] == list(PERSONALITIES)


async def restarted(name, power="On"):
    """What the observer reads before and after the BMC itself restarts, half an hour after its server was left so."""
    server = machine(power=power)
    async with emulated(server, personality=PERSONALITIES[name]) as bmc, RedfishObserver(bmc.address, CREDENTIALS) as observer:
        before = await observer.read()
        server.clock.now += timedelta(minutes=30)
        server.restart_manager()
        return before, await observer.read()


@pytest.mark.parametrize("name", PERSONALITIES)
async def test_a_restart_of_the_bmc_moves_only_what_its_family_dates_anew(name):
    before, after = await restarted(name)
    assert (before.power, after.power) == ("On", "On")
    assert moved(before, after) == {signal for signal in EVIDENCE[name] if name == "openbmc" and witness.redates(signal)}
    assert (before.signals.get(witness.MANAGER_RESET) != after.signals.get(witness.MANAGER_RESET)) is PERSONALITIES[
        name
    ].manager_tells_reset


async def test_an_openbmc_that_starts_beside_a_server_that_is_off_dates_nothing_anew():
    before, after = await restarted("openbmc", power="Off")
    assert moved(before, after) == set()
