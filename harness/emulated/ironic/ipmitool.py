"""What stands for ipmitool: `python -m harness.emulated.ironic.ipmitool ADDRESS` does IPMI commands, calling from that address.

A process of its own, because pyghmi's client and the emulated BMCs' server hang each other in one. Each line of standard input is an
order, each line of standard output an answer; they come as they are done. Every order has a session to itself, as every call of
the real ipmitool has. It ends when its standard input does.
"""

import asyncio
import contextlib
import sys

import msgspec

from bmc.address import parse_ipmi_address
from bmc.errors import BmcError
from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.wire import APP, App
from bmc.model import Credentials

PICMG_GROUP = 0x2C
LINE_BYTES_MAX = 1 << 16
PREAMBLE = (
    (PICMG_GROUP, 0x3E, b"\x00\x02"),
    (APP, App.GET_DEVICE_ID, b""),
    (PICMG_GROUP, 0x00, b"\x00"),
    (PICMG_GROUP, 0x00, b"\x03"),
)
"""What ipmitool 1.8.19 asks first in every session, whatever the answer: hardware of PICMG or VITA?"""


class IpmitoolCommand(msgspec.Struct, frozen=True):
    """One command for the BMC at an `ipmi://` address: `data` as hex, `seconds` for each of its packets."""

    number: int
    address: str
    username: str
    password: str
    netfn: int
    command: int
    data: str
    seconds: float


class IpmitoolResult(msgspec.Struct, frozen=True):
    """What the BMC said to the order of that number: data as hex, or why there is none."""

    number: int
    data: str = ""
    error: str = ""


async def carry_out(order: IpmitoolCommand, call_from: str) -> IpmitoolResult:
    """Log in, ask what every call of ipmitool asks, do the command, log out."""
    credentials = Credentials(order.username, order.password)
    try:
        address = parse_ipmi_address(order.address)
        line = IpmiConnection(address, credentials, deadline_seconds=order.seconds, call_from=call_from, cautious=False)
        try:
            for question in PREAMBLE:
                with contextlib.suppress(BmcError):
                    await line.command(*question)
            data = await line.command(order.netfn, order.command, bytes.fromhex(order.data))
        finally:
            await line.close()
    except BmcError as error:
        return IpmitoolResult(order.number, error=error.says)
    return IpmitoolResult(order.number, data=data.hex())


async def serve(call_from: str) -> None:
    """Take orders until there are no more."""
    orders = asyncio.StreamReader(limit=LINE_BYTES_MAX)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async with asyncio.TaskGroup() as tasks:
        while line := await orders.readline():
            tasks.create_task(_answer(msgspec.json.decode(line, type=IpmitoolCommand), call_from))


async def _answer(order: IpmitoolCommand, call_from: str) -> None:
    answer = await carry_out(order, call_from)
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
