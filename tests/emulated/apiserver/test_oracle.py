"""Our answers against those of a real kube-apiserver v1.36.3, recorded; every difference is a row of docs/apiserver.md."""

import re
from pathlib import Path

import pytest

from tests.emulated.apiserver.binaries import needed
from tests.emulated.apiserver.oracle import servers, suite
from tests.emulated.apiserver.oracle.asking import ask_in_turn, ask_together, set_up
from tests.emulated.apiserver.oracle.clients import CLIENTS
from tests.emulated.apiserver.oracle.probes.kinds import definitions, instances
from tests.emulated.apiserver.oracle.settling import ageless
from tests.emulated.apiserver.oracle.things import SETUP

pytestmark = [pytest.mark.dated, pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")]
DOCUMENT = Path(__file__).parents[3] / "docs/apiserver.md"
ORDERED = (definitions, instances)
"""Whose probes find what earlier ones left."""
ROW = re.compile(r"^\| (?P<reason>[^|]+) \| (?P<probes>`[^|]+`) \|$", re.MULTILINE)


def named() -> set[str]:
    return {name for row in ROW.finditer(DOCUMENT.read_text()) for name in re.findall(r"`([^`]+)`", row["probes"])}


def test_every_probe_was_recorded_and_every_named_one_is_there() -> None:
    names = [one.name for one in suite.PROBES]
    assert len(names) == len(set(names)) == len(suite.read())
    assert named() <= set(names)
    assert len(named()) < 0.1 * len(names)


def test_every_probe_names_the_client_that_sends_it() -> None:
    assert {one.client for one in suite.PROBES} == CLIENTS


@pytest.mark.parametrize("module", suite.MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
async def test_answers_are_those_of_a_real_server_but_for_what_is_named(module) -> None:
    recorded = suite.read()
    async with servers.emulated(suite.clock_of_the_recording) as server:
        await set_up(server, SETUP)
        answered = await (ask_in_turn if module in ORDERED else ask_together)(server, module.PROBES)
    different = {name for name, answers in answered.items() if recorded[name] != answers}
    assert different - suite.UNSTEADY == named() & set(answered)


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.timeout(900)
async def test_a_real_server_answers_as_recorded(tmp_path: Path) -> None:
    programs = {name: Path(needed(name)) for name in servers.PROGRAMS}
    recorded = suite.read()
    async with servers.real(programs, tmp_path) as server:
        await set_up(server, SETUP)
        answered = await ask_in_turn(server, suite.PROBES)
    assert {name for name in recorded if ageless(recorded[name]) != ageless(answered[name])} <= suite.UNSTEADY
