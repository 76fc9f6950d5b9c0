"""The recorder as a process: it starts, ends, is killed, and goes on where it was."""

import asyncio
import json
import socket

import aiohttp
import pytest

from bmc.recorder.log.log import read
from bmc.recorder.log.records import RequestEndedRecord, RequestRecord
from bmc.redfish.observe import RedfishObserver
from tests.bmc.recorder.process import failing, recorder
from tests.bmc.recorder.recording import LOGIN, RESET, SYSTEM
from tests.bmc.serving import CREDENTIALS, emulated

CLIENTS = 4
REQUESTS_BEFORE_THE_KILL = 40


@pytest.fixture
async def bmc():
    async with emulated() as running:
        yield running


@pytest.fixture
def place():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


async def test_a_kill_loses_no_request_and_no_acknowledged_answer(bmc, place, tmp_path):
    log = tmp_path / "log.jsonl"
    acknowledged = []
    enough = asyncio.Event()

    async def ask(number):
        async with aiohttp.ClientSession(headers={**LOGIN, "User-Agent": f"client-{number}"}) as session:
            for count in range(10_000):
                order = {"ResetType": "ForceRestart", "Oem": f"{number}/{count}"}
                async with session.post(f"http://{place}{RESET}", json=order) as answer:
                    acknowledged.append((order["Oem"], answer.status))
                if len(acknowledged) >= REQUESTS_BEFORE_THE_KILL:
                    enough.set()

    async with recorder("--listen", place, "--to", bmc.base, "--log", str(log)) as (process, _):
        clients = [asyncio.create_task(ask(number)) for number in range(CLIENTS)]
        await enough.wait()
        process.kill()
        await asyncio.gather(*clients, return_exceptions=True)
        await process.wait()

    lines = list(read(log))
    asked = {line.request: json.loads(line.body)["Oem"] for line in lines if isinstance(line, RequestRecord)}
    answered = {(asked[line.request], line.status) for line in lines if isinstance(line, RequestEndedRecord)}
    assert set(acknowledged) <= answered
    assert {json.loads(each.body)["Oem"] for each in bmc.machine.requests} <= set(asked.values())
    assert len(acknowledged) >= REQUESTS_BEFORE_THE_KILL


async def test_a_killed_recorder_goes_on_with_the_same_record(bmc, place, tmp_path):
    arguments = ("--listen", place, "--to", bmc.base, "--log", str(tmp_path / "log.jsonl"))
    async with RedfishObserver(f"redfish+http://{place}{SYSTEM}", CREDENTIALS) as observer:
        async with recorder(*arguments) as (process, _):
            await observer.begin_requests()
            process.kill()
            await process.wait()
        async with recorder(*arguments), aiohttp.ClientSession(headers=LOGIN) as session:
            await session.post(f"http://{place}{RESET}", json={"ResetType": "ForceRestart"})
            read_on = await observer.read_requests()

    assert read_on.complete, read_on.says
    assert [each.path for each in read_on.entries if each.method == "POST"] == [RESET]


async def test_a_torn_last_line_is_cut_off_and_what_was_open_is_unknown(bmc, place, tmp_path):
    log = tmp_path / "log.jsonl"
    arguments = ("--listen", place, "--to", bmc.base, "--log", str(log))
    async with recorder(*arguments), aiohttp.ClientSession(headers=LOGIN) as session:
        await session.post(f"http://{place}{RESET}", json={"ResetType": "ForceRestart"})
    lines = log.read_bytes().splitlines(keepends=True)
    answer = next(number for number, line in enumerate(lines) if b'"what":"answer"' in line)
    log.write_bytes(b"".join(lines[:answer]) + lines[answer][:50])

    async with recorder(*arguments):
        pass

    ends = [line for line in read(log) if isinstance(line, RequestEndedRecord)]
    assert [(line.outcome, line.says) for line in ends] == [("unknown", "the recorder was killed")]


async def test_it_says_where_it_listens_and_ends_well_on_a_signal(bmc, tmp_path):
    arguments = ("--listen", "127.0.0.1:0", "--to", bmc.base, "--name", "node-0", "--log", str(tmp_path / "log.jsonl"))
    async with recorder(*arguments, "--control", "127.0.0.1:0") as (process, ready):
        async with aiohttp.ClientSession() as session, session.get(f"{ready['control']}/bmcs") as answer:
            assert (await answer.json())["node-0"]["listen"] == ready["ready"]["node-0"]
        process.terminate()
        assert await process.wait() == 0


async def test_one_process_stands_before_many(bmc, tmp_path):
    async with emulated() as other:
        config = tmp_path / "recorder.json"
        bmcs = [{"listen": "127.0.0.1:0", "to": to, "name": name} for name, to in (("a", bmc.base), ("b", other.base))]
        config.write_text(json.dumps({"bmcs": bmcs, "log": str(tmp_path / "log.jsonl"), "control": "127.0.0.1:0"}))
        async with recorder("--config", str(config)) as (_, ready), aiohttp.ClientSession(headers=LOGIN) as session:
            await session.post(f"http://{ready['ready']['b']}{RESET}", json={"ResetType": "ForceRestart"})
            order = {"kind": "error", "bmc": ready["ready"]["a"]}
            async with session.put(f"{ready['control']}/faults/f1", json=order) as answer:
                assert answer.status == 201
            statuses = {}
            for name in ("a", "b"):
                async with session.get(f"http://{ready['ready'][name]}{SYSTEM}") as answer:
                    statuses[name] = answer.status
            async with session.put(f"{ready['control']}/faults/f2", json={"kind": "error"}) as answer:
                assert answer.status == 404

    assert statuses == {"a": 500, "b": 200}
    assert (bmc.machine.reset_count, other.machine.reset_count) == (0, 1)
    assert [line.bmc for line in read(tmp_path / "log.jsonl") if isinstance(line, RequestRecord)] == ["b", "a", "b"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"--listen": "nowhere"}, "no place to listen"),
        ({"--to": "10.0.0.1"}, "is no BMC"),
        ({"--to": "http://user:secret@10.0.0.1"}, "without credentials"),
        ({"--control": "0.0.0.0:0"}, "only loopback"),
        ({"--asker": "source=10.0.0.1"}, "is no rule"),
        ({"--pin": "sha256:abc", "--to": "https://127.0.0.1"}, "TLS pin"),
        ({"--certificate": "/nowhere.crt"}, "/nowhere.crt"),
        ({"--log": "/proc/nothing/log"}, "cannot be opened"),
        ({"--config": "/nowhere.json"}, "/nowhere.json"),
    ],
)
async def test_settings_that_cannot_be_used_are_told(tmp_path, change, says):
    given = {"--listen": "127.0.0.1:0", "--to": "http://127.0.0.1:1", "--log": str(tmp_path / "log.jsonl"), **change}
    code, said = await failing(*(part for pair in given.items() for part in pair))

    assert code == 2
    assert says in said
    assert "Traceback" not in said
    assert "secret" not in said


async def test_two_recorders_do_not_share_a_log(bmc, tmp_path):
    arguments = ("--listen", "127.0.0.1:0", "--to", bmc.base, "--log", str(tmp_path / "log.jsonl"))
    async with recorder(*arguments):
        code, said = await failing(*arguments)

    assert (code, "another recorder" in said) == (2, True)


async def test_a_damaged_log_is_not_gone_on_with(bmc, tmp_path):
    log = tmp_path / "log.jsonl"
    arguments = ("--listen", "127.0.0.1:0", "--to", bmc.base, "--log", str(log))
    async with recorder(*arguments) as (_, ready), aiohttp.ClientSession() as session:
        await session.get(f"http://{next(iter(ready['ready'].values()))}{SYSTEM}")
    log.write_bytes(log.read_bytes().replace(b'"method":"GET"', b'"method":"PUT"'))

    code, said = await failing(*arguments)

    assert (code, "damaged line" in said) == (2, True)
