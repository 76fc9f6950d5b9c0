"""What the tests of the relay share: an emulated IPMI BMC, the recorder before it, and a session through that."""

import pytest

from bmc.address import parse_ipmi_address
from bmc.ipmi.client.connection import IpmiConnection
from tests.bmc.ipmi.serving import CREDENTIALS, emulated
from tests.bmc.recorder.ipmi.relaying import relayed


@pytest.fixture
def bmc():
    with emulated() as running:
        yield running


@pytest.fixture
async def running(bmc, tmp_path):
    async with relayed(bmc, tmp_path / "log.jsonl", askers=["ironic=address:127.0.0.1"]) as it:
        yield it


@pytest.fixture
async def line(running):
    """A session through the recorder, of somebody who does not say who he is."""
    connection = IpmiConnection(parse_ipmi_address(running.address), CREDENTIALS, deadline_seconds=3.0)
    yield connection
    await connection.close()
