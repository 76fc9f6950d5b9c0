"""Sight on an IPMI BMC that keeps no record itself, through the recorder before it: what the check can prove then."""

from dataclasses import dataclass

import pytest

from bmc.ipmi import act
from bmc.model import Credentials
from harness.journal.facts import BmcRequest, SightLost
from harness.journal.journal import Journal
from tests.bmc.ipmi.serving import CREDENTIALS, Bmc, emulated
from tests.bmc.recorder.ipmi.relaying import Relayed, relayed
from tests.sight.test_bmc_ipmi import judgement, reset_by_a_stranger, set_boot_by_a_stranger, watched

OTHER = Credentials("other", "othersecret")


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "run")
    yield journal
    journal.close()


@dataclass
class Through:
    """A BMC as it is reached through the recorder."""

    bmc: Bmc
    running: Relayed

    @property
    def address(self) -> str:
        return self.running.address

    def asked(self, path: str) -> list:
        return self.bmc.asked(path)


@pytest.fixture
async def through(tmp_path):
    credentials = {each.username: each.password for each in (CREDENTIALS, OTHER)}
    with emulated(oem=False, credentials=credentials) as bmc:
        async with relayed(bmc, tmp_path / "log.jsonl") as running:
            yield Through(bmc, running)


async def test_a_quiet_host_passes_although_its_bmc_keeps_no_record(through, journal):
    found = judgement(await watched(through, journal, recorded=True))

    assert found.verdict == "pass", found.says


async def test_a_reset_by_a_stranger_fails(through, journal):
    found = judgement(await watched(through, journal, reset_by_a_stranger, recorded=True))

    assert found.verdict == "fail"
    assert "Reset ForceRestart by a third party (127.0.0.1)" in found.says
    assert not any(isinstance(entry.fact, SightLost) for entry in journal.entries)


async def test_a_boot_device_set_by_a_stranger_fails(through, journal):
    found = judgement(await watched(through, journal, set_boot_by_a_stranger, recorded=True))

    assert found.verdict == "fail"
    assert "boot override Pxe Once" in found.says


async def test_what_nobody_could_read_is_blindness_and_never_a_pass(through, journal):
    """Somebody whose password the recorder was not told does something that leaves no mark."""

    async def touch(it):
        assert await act.power_state(it.address, OTHER) == "On"

    found = judgement(await watched(through, journal, touch, recorded=True))

    assert found.verdict == "unknown", found.says
    lost = [entry.fact.says for entry in journal.entries if isinstance(entry.fact, SightLost)]
    assert any("packets from 127.0.0.1" in says and "'other'" in says for says in lost)
    unread = [entry.fact for entry in journal.entries if getattr(entry.fact, "path", "") == "/ipmi/Undecodable"]
    assert {fact.status for fact in unread} == {0}


async def test_our_own_looking_is_not_told(through, journal):
    await watched(through, journal, recorded=True)

    paths = {entry.fact.path for entry in journal.entries if isinstance(entry.fact, BmcRequest)}
    assert not paths & {"/ipmi/Chassis/GetStatus", "/ipmi/Oem/ReadRequests"}
