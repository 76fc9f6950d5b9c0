"""What the tests of IPMI share."""

import shutil

import pytest

from bmc.ipmi.observe import IpmiObserver
from tests.bmc.ipmi.clients.ipmitool import Ipmitool
from tests.bmc.ipmi.serving import CREDENTIALS, emulated


@pytest.fixture
def bmc():
    with emulated() as running:
        yield running


@pytest.fixture
def plain_bmc():
    """A BMC that has nothing of our own."""
    with emulated(oem=False) as running:
        yield running


@pytest.fixture
async def observer(bmc):
    async with IpmiObserver(bmc.address, CREDENTIALS) as watching:
        yield watching


@pytest.fixture
def tool(bmc):
    """ipmitool, which speaks to the emulated BMC."""
    if not shutil.which("ipmitool"):
        pytest.skip("there is no ipmitool")
    return Ipmitool(bmc)
