"""The word `bmc_fault`: put in before it is needed, seen in the recorder's counters, healed on any exit."""

from pathlib import Path

import aiohttp
import pytest

from bmc.model import Tls
from bmc.redfish import act
from harness.bench.bench import Bench
from harness.bench.undo import take_back, unfinished
from harness.errors import LabBrokeError, UsageError
from harness.faults import bmc_fault
from harness.journal.facts import SightLost, WriteIntended, WriteUndone
from harness.journal.journal import Journal
from harness.lab.access import BmcAccess
from harness.lab.model import ClusterAccess, Clusters, HostAccess, Lab
from harness.scenario.words import Words
from tests.bmc.recorder.recording import recorded
from tests.bmc.serving import CREDENTIALS
from tests.checks.history import Story

HOST = "node-1"


class WithRecorder(HostAccess, frozen=True):
    """A host whose lab file names the control of the recorder before its BMC."""

    recorder: str = ""


@pytest.fixture
async def running(tmp_path):
    async with recorded(tmp_path / "log.jsonl") as it:
        yield it


@pytest.fixture
def bench(running, tmp_path):
    story = Story()
    story.host(HOST)
    access = ClusterAccess(Path("kubeconfig"))
    hosts = {HOST: WithRecorder(bmc=running.address, recorder=running.control)}
    lab = Lab(name="lab", path=Path("lab.yaml"), clusters=Clusters(access, access), hosts=hosts)
    journal = Journal(tmp_path / "run")
    for entry in story.entries:
        journal.record(entry.fact)
    made = Bench(lab, tmp_path, journal, {})
    made.bmcs = {HOST: BmcAccess(HOST, running.address, CREDENTIALS, Tls())}
    yield made
    journal.close()


async def faults(running):
    async with aiohttp.ClientSession() as session, session.get(f"{running.control}/faults") as answer:
        return await answer.json()


async def test_it_works_for_the_time_of_the_block_and_says_what_it_did(running, bench):
    async with bmc_fault.fault(bench, kind="null_power") as effect:
        assert await act.power_state(running.address, CREDENTIALS) == ""

    assert (effect.seen, effect.says) == (True, "1 requests to the BMC of node-1 met null_power")
    assert await act.power_state(running.address, CREDENTIALS) == "On"
    assert await faults(running) == {}


async def test_a_fault_that_nobody_met_had_no_effect(bench):
    async with bmc_fault.fault(bench, kind="lose_reply", method="POST") as effect:
        pass

    assert not effect.seen
    assert "no request" in effect.says


async def test_it_is_healed_when_its_block_fails(running, bench):
    seen = []

    async def fail():
        async with bmc_fault.fault(bench, kind="error") as effect, aiohttp.ClientSession() as session:
            seen.append(effect)
            await session.get(f"{running.base}/redfish/v1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert seen[0].seen
    assert await faults(running) == {}


async def test_it_is_journaled_with_an_undo_that_heals_it(running, bench):
    async with bmc_fault.fault(bench, kind="busy", for_=7.0):
        (item,) = unfinished(bench.journal.entries)
        assert list(await faults(running)) == [item.write]
        await take_back(bench, item)
        assert await faults(running) == {}

    facts = [entry.fact for entry in bench.journal.entries]
    assert sum(isinstance(fact, WriteIntended) for fact in facts) == 1
    assert sum(isinstance(fact, WriteUndone) for fact in facts) == 1


async def test_a_closed_port_has_an_effect_once_we_lose_sight_through_it(bench):
    async with bmc_fault.fault(bench, kind="refuse") as effect:
        bench.journal.record(SightLost(sight="bmc", host=HOST))

    assert effect.seen


@pytest.mark.parametrize(
    "order", [{"kind": "error", "path": "("}, {"kind": "refuse", "client": "x"}, {"kind": "error", "count": -1}]
)
async def test_what_cannot_be_meant_is_refused_before_anything_is_done(running, bench, order):
    with pytest.raises(UsageError):
        async with bmc_fault.fault(bench, **order):
            raise AssertionError("the block began")

    assert await faults(running) == {}
    assert not any(isinstance(entry.fact, WriteIntended) for entry in bench.journal.entries)


async def test_a_lab_without_a_recorder_is_told_what_to_write(bench):
    bench.lab.hosts[HOST] = HostAccess(bmc="redfish://10.0.0.1")

    with pytest.raises(UsageError, match=r"hosts\.node-1\.recorder"):
        async with bmc_fault.fault(bench, kind="error"):
            raise AssertionError("the block began")


async def test_a_recorder_that_does_not_answer_is_a_broken_lab(bench):
    bench.lab.hosts[HOST] = WithRecorder(bmc="redfish://10.0.0.1", recorder="http://127.0.0.1:1")

    with pytest.raises(LabBrokeError):
        async with bmc_fault.fault(bench, kind="error"):
            raise AssertionError("the block began")


def test_the_word_can_be_written_in_a_scenario():
    word = Words().find("fault", "bmc_fault")

    assert {field.name for field in word.arguments} == {"kind", "host", "method", "path", "client", "count", "share", "for"}
    assert [field.name for field in word.arguments if field.required] == ["kind"]
