"""A source of sight is one file: it watches in a run, is told by its name, and its recordings are imported."""

import json

import msgspec
import pytest

from harness.journal.facts import AnyFact, SightBegan
from harness.sight.watchers import SOURCES
from harness.world.coverage import SightKey
from tests.overlay import Overlay

SERIAL_CONSOLE = '''
"""What a host says on its serial console; this one only ever looks."""

import asyncio
from contextlib import asynccontextmanager

from harness.journal.facts import BmcRequest, SightBegan, SightEnded
from harness.sight.source import Recording, Source, Watch


class Console:
    def __init__(self, journal):
        self.ready = asyncio.Event()
        self.journal = journal

    async def run(self):
        self.journal.record(SightBegan(sight="serial_console", host="node-0"))
        self.ready.set()
        await asyncio.Event().wait()

    async def final(self):
        self.journal.record(SightEnded(sight="serial_console", host="node-0", complete=True))


@asynccontextmanager
async def opened(context, journal):
    console = Console(journal)
    yield [Watch("console of node-0", console, console.final)]


def row(it):
    return it["at"], BmcRequest(host=it["host"], method="GET", path=it["line"], status=200)


SOURCE = Source(opened, recording=Recording("console", "serial_console", lambda: row))
'''


@pytest.fixture(scope="module")
def overlay(tmp_path_factory):
    return Overlay(tmp_path_factory.mktemp("copy"), {"harness/sight/sources/serial_console.py": SERIAL_CONSOLE})


def facts(directory, sight):
    lines = (directory / "journal.jsonl").read_text().splitlines()
    return [entry["fact"] for entry in map(json.loads, lines) if entry.get("sight") == sight]


def test_a_file_among_the_sources_watches_in_a_run(overlay):
    (overlay.directory / "lab.yaml").write_text("embedded: {hosts: 1, spares: 0}\n")

    done = overlay.harness("watch", "--for", "1s", "--out", "seen")

    assert done.returncode in (0, 3), done.stderr
    assert facts(overlay.directory / "seen", "serial_console") == ["SightBegan", "SightEnded"]


def test_a_file_among_the_sources_imports_its_recordings(overlay):
    rows = [{"at": 1.0, "sight": "begins"}, {"at": 2.0, "host": "node-0", "line": "login:"}, {"at": 3.0, "sight": "ends"}]
    (overlay.directory / "console.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))

    done = overlay.harness("import", "console.jsonl", "--out", "imported")

    assert (done.returncode, done.stdout) == (0, "imported\n"), done.stderr
    assert "not given: audit, bmc, ironic, watch, mover" in done.stderr
    assert facts(overlay.directory / "imported", "serial_console") == ["SightBegan", "SightEnded"]
    assert '"path":"login:"' in (overlay.directory / "imported" / "journal.jsonl").read_text()


def test_the_shipped_sources_are_these():
    assert list(SOURCES) == ["audit", "bmc", "ironic", "kube", "mover", "probe"]
    assert {name: source.begins for name, source in SOURCES.items() if source.begins != "at once"} == {
        "bmc": "first",
        "kube": "last",
    }


def test_a_sight_is_told_by_its_name():
    assert str(SightKey("bmc_requests", host="node-1")) == "sight on the requests to the BMC of node-1"
    assert str(SightKey("serial_console", host="node-1")) == "sight on the serial console of node-1"


@pytest.mark.parametrize("name", ["", "Serial Console", "1st"])
def test_a_sight_in_a_journal_has_a_name_of_lower_case_words(name):
    line = msgspec.json.encode(SightBegan(sight=name))

    with pytest.raises(msgspec.ValidationError, match="sight"):
        msgspec.json.decode(line, type=AnyFact)
