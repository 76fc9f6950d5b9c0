"""How this Ironic asks a BMC over IPMI: the same commands, in the same order, as the real one's `ipmi` hardware type by ipmitool.

Habits of the real one that matter to whoever watches are kept: a session for each command, 5 s between two of them, and a command that
failed or was not answered is sent again (a Chassis Control too) every 5 s, for up to a minute. Source: ironic 39.0.0, ipmitool.py.
"""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

import msgspec

from bmc.ipmi.boot_flags import BootFlags, encode
from bmc.ipmi.wire import (
    APP,
    BOOT_FLAGS,
    BOOT_FLAGS_VALID,
    CHASSIS,
    CONTROLS,
    KEEP_VALID_AFTER_TIMEOUT,
    App,
    Chassis,
)
from harness.emulated.ironic import ipmitool
from harness.emulated.ironic.bmc_client import POWER_CHANGE_SECONDS, BmcClientError, wait_power

Body = dict[str, Any]

COMMAND_INTERVAL_SECONDS = 5.0
RETRY_SECONDS = 60.0
TRIES = 12
POWER_IS_ON = 0x01


class IpmiTool:
    """The process that speaks IPMI for one Ironic, calling from `address`; started when it is first needed."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None
        self._awaited: dict[int, asyncio.Future[ipmitool.IpmitoolResult]] = {}
        self._number = 0
        self._closed = False

    async def ask(self, driver_info: Body, netfn: int, command: int, data: bytes, seconds: float) -> bytes:
        """What the BMC of this node answers to one command; `seconds` for each of its packets. BmcClientError."""
        self._number += 1
        order = ipmitool.IpmitoolCommand(
            number=self._number,
            address=_address(driver_info),
            username=str(driver_info.get("ipmi_username", "")),
            password=str(driver_info.get("ipmi_password", "")),
            netfn=netfn,
            command=command,
            data=data.hex(),
            seconds=seconds,
        )
        answer = await self._carried_out(order)
        if answer.error:
            raise BmcClientError(answer.error)
        return bytes.fromhex(answer.data)

    async def _carried_out(self, order: ipmitool.IpmitoolCommand) -> ipmitool.IpmitoolResult:
        await self._running()
        answer: asyncio.Future[ipmitool.IpmitoolResult] = asyncio.get_running_loop().create_future()
        self._awaited[order.number] = answer
        try:
            if self._process and self._process.stdin:
                self._process.stdin.write(msgspec.json.encode(order) + b"\n")
            return await answer
        finally:
            self._awaited.pop(order.number, None)

    async def _running(self) -> None:
        """Wait until the process runs. Its start goes on if whoever waits gives up: a start that is broken off twice leaves a process."""
        if self._closed:
            raise BmcClientError("Ironic is stopping")
        if self._starting is None or (self._starting.done() and (self._process is None or self._process.returncode is not None)):
            self._starting = asyncio.create_task(self._start(), name=f"start of ipmitool of {self._address}")
        await asyncio.shield(self._starting)

    async def _start(self) -> None:
        command = (sys.executable, "-m", ipmitool.__name__, self._address)
        self._process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        self._reader = asyncio.create_task(self._read(self._process), name=f"ipmitool of {self._address}")

    async def _read(self, process: Process) -> None:
        if process.stdout is None:
            raise ValueError("the process has no standard output")
        while line := await process.stdout.readline():
            answer = msgspec.json.decode(line, type=ipmitool.IpmitoolResult)
            self._settle(answer.number, answer)
        await process.wait()
        for number in list(self._awaited):
            self._settle(number, ipmitool.IpmitoolResult(number, error="ipmitool died"))

    def _settle(self, number: int, answer: ipmitool.IpmitoolResult) -> None:
        future = self._awaited.get(number)
        if future is not None and not future.done():
            future.set_result(answer)

    async def aclose(self) -> None:
        """End it at once, whatever it is doing; also one that is just being started."""
        self._closed = True
        if self._starting is not None:
            await asyncio.wait([self._starting])
        if self._process is None or self._reader is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._reader


class IpmiClient:
    """One node's BMC. All seconds are divided by `speed`, but the answer to a packet is waited for `least_answer_seconds` at least."""

    def __init__(self, tool: IpmiTool, driver_info: Body, speed: float, least_answer_seconds: float) -> None:
        self._tool = tool
        self._info = driver_info
        self._speed = speed
        self._answer_seconds = max(COMMAND_INTERVAL_SECONDS / speed, least_answer_seconds)
        self._turn = asyncio.Lock()
        self._free_at = 0.0

    async def power_state(self, times: int = 1) -> str:  # noqa: ARG002 - one answer says it
        """`power on` or `power off`."""
        status = await self._command("power status", CHASSIS, Chassis.GET_STATUS)
        return "power on" if status[0] & POWER_IS_ON else "power off"

    async def detect_vendor(self) -> None:
        """What is read to learn whose BMC it is."""
        await self._command("mc info", APP, App.GET_DEVICE_ID)

    async def boot_mode(self) -> None:
        """IPMI tells none."""

    async def firmware(self) -> list[Body]:
        """None: `no-firmware`."""
        return []

    async def bios(self) -> list[Body]:
        """None: `no-bios`."""
        return []

    async def mac_addresses(self) -> list[str]:
        """IPMI tells none."""
        return []

    async def boot_from(self, target: str, *, once: bool = False) -> None:
        """Override what boots next, for UEFI, and keep the BMC from forgetting it after 60 s."""
        flags = encode(BootFlags(target, "Once" if once else "Continuous", "UEFI"))
        await self._set_boot_option(bytes([BOOT_FLAGS_VALID, KEEP_VALID_AFTER_TIMEOUT]))
        await self._set_boot_option(bytes([BOOT_FLAGS]) + flags)

    async def power(
        self, target: str, reset: str, limit_seconds: float = POWER_CHANGE_SECONDS, *, is_needed: bool = False
    ) -> None:
        """Control the chassis until the power is `target`; nothing is sent where it is already."""
        if not is_needed and await self.power_state() == target:
            return
        await self._command(f"power {reset}", CHASSIS, Chassis.CONTROL, bytes([CONTROLS[reset]]))
        await self.wait_power(target, limit_seconds)

    async def wait_power(self, target: str, limit_seconds: float = POWER_CHANGE_SECONDS) -> None:
        """Look until the power is `target`; BmcClientError when it takes longer than the limit."""
        await wait_power(self, target, limit_seconds, self._speed)

    async def _set_boot_option(self, data: bytes) -> None:
        await self._command("raw 0x00 0x08", CHASSIS, Chassis.SET_BOOT_OPTIONS, data)

    async def _command(self, words: str, netfn: int, number: int, data: bytes = b"") -> bytes:
        """One call of ipmitool, tried again as Ironic does; BmcClientError as Ironic words it."""
        clock = asyncio.get_running_loop().time
        end = clock() + RETRY_SECONDS / self._speed
        async with self._turn:
            for left in reversed(range(TRIES)):
                await asyncio.sleep(self._free_at - clock())
                try:
                    return await self._tool.ask(self._info, netfn, number, data, self._answer_seconds)
                except BmcClientError as error:
                    if not left or clock() > end:
                        raise BmcClientError(f"IPMI call failed: {words}. {error}") from error
                finally:
                    self._free_at = clock() + COMMAND_INTERVAL_SECONDS / self._speed
        raise AssertionError("the last try either answers or raises")


def _address(driver_info: Body) -> str:
    """The node's BMC in the words of a BareMetalHost."""
    host = str(driver_info.get("ipmi_address", ""))
    name = f"[{host}]" if ":" in host else host
    port, level = driver_info.get("ipmi_port", 623), driver_info.get("ipmi_priv_level", "ADMINISTRATOR")
    return f"ipmi://{name}:{port}?privilegelevel={level}"
