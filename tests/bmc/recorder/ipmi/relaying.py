"""A recorder before an emulated IPMI BMC, both on loopback, for the tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.wire import CHASSIS, Chassis
from bmc.recorder.control import control_app
from bmc.recorder.recorder import FlightRecorder
from bmc.recorder.settings import BmcSettings, RecorderSettings
from tests.bmc.ipmi.serving import CREDENTIALS, Bmc
from tests.bmc.recorder.recording import Recorded
from tests.bmc.serving import served

USERS = {CREDENTIALS.username: CREDENTIALS.password}


class Relayed(Recorded):
    """A recorder before an IPMI BMC."""

    @property
    def address(self) -> str:
        return f"ipmi://{self.listener.place}"

    @property
    def port(self) -> int:
        return int(self.listener.place.rpartition(":")[2])


@asynccontextmanager
async def relayed(bmc: Bmc | int, log: Path, *, listen="127.0.0.1:0", askers=(), users=USERS, **more) -> AsyncIterator[Relayed]:
    """A recorder before this BMC (or port), with its control served; `users` are those whose sessions it can read."""
    port = bmc if isinstance(bmc, int) else bmc.port
    settings = RecorderSettings((BmcSettings(listen, f"ipmi://127.0.0.1:{port}", "node-0"),), str(log), askers=tuple(askers))
    async with (
        FlightRecorder(settings, users={"node-0": users}, **more) as recorder,
        served(control_app(recorder)) as control,
    ):
        yield Relayed(recorder, log, "", f"http://127.0.0.1:{control}")


def words_of(running: Recorded) -> list[tuple[str, str, int]]:
    """What was asked and how it ended: path, body, status."""
    return [(asked.path, asked.body, running.ended(asked).status) for asked in running.asked()]


async def status(line: IpmiConnection) -> bool:
    """Is the server on?"""
    return bool((await line.command(CHASSIS, Chassis.GET_STATUS))[0] & 1)
