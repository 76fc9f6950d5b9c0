"""Real clients and a real BMC simulator through the relay: every cipher suite in use, and IPMI 1.5."""

import asyncio
import os
import shutil
import socket
import subprocess
from contextlib import contextmanager

import pytest

from bmc.ipmi.observe import IpmiObserver
from bmc.recorder.log.records import RequestEndedRecord
from tests.bmc.ipmi.serving import CREDENTIALS, emulated
from tests.bmc.recorder.ipmi.relaying import relayed, words_of
from tests.bmc.recorder.ipmi.sha256_bmc import sha256_bmc

LIMIT_SECONDS = 60.0
ENVIRONMENT = {**os.environ, "IPMI_PASSWORD": CREDENTIALS.password, "TZ": "UTC"}
real = pytest.mark.real
needs_ipmitool = pytest.mark.skipif(not shutil.which("ipmitool"), reason="there is no ipmitool")
needs_simulator = pytest.mark.skipif(not shutil.which("ipmi_sim"), reason="there is no ipmi_sim (package openipmi)")

CONFIGURATION = """
name "bmc"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 {port}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  user 2 true "{user}" "{password}" admin 10 none md2 md5 straight
"""
COMMANDS = "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nsel_enable 0x20 100 0x0a\nmc_enable 0x20\n"


async def ipmitool(port: int, *arguments: str, fails: bool = False) -> str:
    command = ("ipmitool", "-H", "127.0.0.1", "-p", str(port), "-U", CREDENTIALS.username, "-E", "-R", "2", "-N", "2", *arguments)
    process = await asyncio.create_subprocess_exec(
        *command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(LIMIT_SECONDS):
        said, _ = await process.communicate()
    assert (process.returncode != 0) == fails, said.decode()
    return said.decode()


@contextmanager
def simulator(directory):
    """OpenIPMI's BMC simulator; its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = CONFIGURATION.format(port=port, user=CREDENTIALS.username, password=CREDENTIALS.password)
    (directory / "lan.conf").write_text(settings)
    (directory / "bmc.emu").write_text(COMMANDS)
    command = ("ipmi_sim", "-c", "lan.conf", "-f", "bmc.emu", "-s", str(directory / "state"), "-n")
    with subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            yield port
        finally:
            process.kill()


@real
@needs_ipmitool
async def test_ipmitool_works_through_the_relay_as_without_and_each_command_is_in_words(tmp_path):
    with emulated() as bmc:
        async with relayed(bmc, tmp_path / "log.jsonl") as running:
            assert "is on" in await ipmitool(running.port, "-I", "lanplus", "power", "status")
            await ipmitool(running.port, "-I", "lanplus", "chassis", "bootdev", "pxe")
            await ipmitool(running.port, "-I", "lanplus", "power", "cycle")
            await ipmitool(running.port, "-I", "lanplus", "sel", "clear")
            await ipmitool(running.port, "-I", "lanplus", "power", "off")
            await ipmitool(running.port, "-I", "lanplus", "power", "cycle", fails=True)

        assert bmc.state()["resets"] == 1
        own = [tuple(each[3:6]) for each in bmc.state()["requests"]]
        seen = [(asked.method, asked.path, running.ended(asked).status) for asked in running.asked()]
        outside = ("/ipmi/App/GetChannelAuth", "/ipmi/App/GetCipherSuites", "/ipmi/App/OpenSession")
        assert [each for each in seen if each[1] not in outside] == own

    said = words_of(running)
    for words in (
        ("/ipmi/Chassis/Control", '{"ResetType": "PowerCycle"}', 200),
        ("/ipmi/Chassis/Control", '{"ResetType": "ForceOff"}', 200),
        ("/ipmi/Chassis/Control", '{"ResetType": "PowerCycle"}', 409),
    ):
        assert words in said
    boots = [body for path, body, _ in said if path == "/ipmi/Chassis/SetBootOptions" and "Pxe" in body]
    assert boots == [
        '{"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once", "BootSourceOverrideMode": "Legacy"}}'
    ]
    assert any(path == "/ipmi/Storage/ClearSel" for path, _, _ in said)
    assert {asked.user for asked in running.asked("/Control")} == {CREDENTIALS.username}
    assert CREDENTIALS.password not in running.log.read_text()


@real
@needs_ipmitool
@needs_simulator
@pytest.mark.parametrize(
    "way",
    [
        "-I lanplus -C 3",
        "-I lanplus -C 2",
        "-I lanplus -C 1",
        "-I lanplus -C 0",
        "-I lan -A MD5",
        "-I lan -A PASSWORD",
        "-I lan -A NONE",
    ],
)
async def test_another_bmc_in_every_way_that_it_speaks(tmp_path, way):
    with simulator(tmp_path) as port:
        async with relayed(port, tmp_path / "log.jsonl") as running:
            assert "is off" in await ipmitool(running.port, *way.split(), "power", "status")
            await ipmitool(running.port, *way.split(), "sel", "clear")

    paths = [asked.path for asked in running.asked()]
    assert "/ipmi/Chassis/GetStatus" in paths
    assert "/ipmi/Storage/ClearSel" in paths
    assert "/ipmi/Undecodable" not in paths
    assert {line.outcome for line in running.lines if isinstance(line, RequestEndedRecord)} == {"answered"}
    assert {asked.user for asked in running.asked("/ClearSel")} == {CREDENTIALS.username}


@real
@needs_ipmitool
async def test_ipmitool_with_sha_256(tmp_path):
    async with sha256_bmc() as (port, bmc), relayed(port, tmp_path / "log.jsonl") as running:
        assert "is on" in await ipmitool(running.port, "-I", "lanplus", "-C", "17", "power", "status")
        await ipmitool(running.port, "-I", "lanplus", "-C", "17", "power", "reset")

    assert (0x00, 0x02, b"\x03") in bmc.commands
    assert ("/ipmi/Chassis/Control", '{"ResetType": "ForceRestart"}', 200) in words_of(running)
    assert not running.asked("/ipmi/Undecodable")


@real
@needs_ipmitool
async def test_a_bmc_with_a_key_of_its_own_cannot_be_read_and_the_record_says_so(tmp_path):
    async with sha256_bmc(b"own-key") as (port, bmc), relayed(port, tmp_path / "log.jsonl") as running:
        await ipmitool(running.port, "-I", "lanplus", "-C", "17", "-k", "own-key", "power", "reset")

    assert (0x00, 0x02, b"\x03") in bmc.commands
    assert "a key of the BMC's own" in running.asked("/ipmi/Undecodable")[0].body


async def test_pyghmi_with_sha_256(tmp_path):
    async with (
        sha256_bmc() as (port, _),
        relayed(port, tmp_path / "log.jsonl") as running,
        IpmiObserver(running.address, CREDENTIALS, recorded=True) as observer,
    ):
        assert (await observer.read()).power == "On"
        assert await observer.begin_requests()
        assert (await observer.read_requests()).complete

    assert not running.asked("/ipmi/Undecodable")
