"""The emulated BMC judged by pyghmi's own client, and pyghmi's own server seen by us."""

import json
import os
import subprocess
import sys

import pytest

from bmc.ipmi import act
from bmc.ipmi.observe import IpmiObserver
from tests.bmc.ipmi.serving import CREDENTIALS, REPOSITORY, run


@pytest.mark.slow
async def test_pyghmis_own_client_sees_the_same_server(bmc):
    environment = {**os.environ, "BMC_USER": CREDENTIALS.username, "BMC_PASSWORD": CREDENTIALS.password}
    command = (sys.executable, "-m", "tests.bmc.ipmi.clients.pyghmi_client", str(bmc.port))
    status, output = await run(*command, environment=environment)
    assert status == 0, output
    seen = json.loads(output)

    assert seen["power"] == "on"
    assert [seen[step]["powerstate"] for step in ("off", "on", "shutdown", "boot")] == ["off", "on", "off", "on"]
    assert [each["bootdev"] for each in seen["bootdev"]] == ["network", "hd", "optical", "default"]
    assert [each["persistent"] for each in seen["bootdev"]] == [False, True, False, True]
    assert [each.get("uefimode") for each in seen["bootdev"]] == [True, False, True, None]
    assert seen["events"] == [
        ["Power Unit", "Power off"],
        ["System Boot", "Power up"],
        ["System Boot", "Hard reset"],
        ["Power Unit", "Power off"],
        ["System Boot", "Power up"],
    ]
    assert seen["cleared"] == []
    assert seen["cause"] == "0101"
    assert bmc.state()["sessions"] == 0


@pytest.fixture
def stock_address():
    environment = {**os.environ, "BMC_USER": CREDENTIALS.username, "BMC_PASSWORD": CREDENTIALS.password}
    command = (sys.executable, "-m", "tests.bmc.ipmi.clients.stock_bmc")
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True) as process:
        yield f"ipmi://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


async def test_we_understand_pyghmis_own_server(stock_address):
    await act.set_boot(stock_address, CREDENTIALS, "Pxe")
    await act.reset(stock_address, CREDENTIALS, "ForceOff")
    async with IpmiObserver(stock_address, CREDENTIALS) as observer:
        for _ in range(3):
            reading = await observer.read()
        assert await observer.begin_requests() is False

    assert (reading.power, reading.boot["target"], reading.family) == ("Off", "Pxe", "ipmi")
    assert reading.signals == {}
