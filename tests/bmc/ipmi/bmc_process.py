"""An emulated IPMI BMC as a process of its own: pyghmi's client and server cannot share one.

Each line of its input is JSON: `["new", settings]` is answered with the number and the port of a new BMC, and `[number, order,
arguments...]` with what the order returns.
"""

import asyncio
import json
import sys
from datetime import timedelta

from bmc.ipmi.emulator import IpmiBmc
from bmc.ipmi.service.commands import CompletionCodeError
from bmc.machine import BootOverride, Machine
from bmc.request_log import RequestLog
from tests.bmc.serving import UUID, Ticking


class Orders:
    """What a test may do to the server or its BMC, besides speaking IPMI to it."""

    def __init__(self, settings: dict) -> None:
        self.machine = Machine(name="node-0", uuid=UUID, clock=Ticking(), mac_addresses=("52:54:00:00:00:01",))
        self.silent, self.unheard = False, 0
        self.passwords = dict(settings.pop("credentials"))
        self.host = settings.pop("host", "127.0.0.1")
        self.bmc = IpmiBmc(self.machine, credentials=self.passwords, reachable=self._hears, **settings)

    def _hears(self, _: str) -> bool:
        self.unheard += self.silent
        return not self.silent

    async def start(self) -> int:
        return await self.bmc.start(self.host)

    async def stop(self) -> None:
        await self.bmc.stop()

    def restart(self) -> None:
        self.machine.restart()

    def pass_hours(self, hours: int) -> None:
        self.machine.clock.now += timedelta(hours=hours)

    def lose_power(self) -> None:
        self.machine.lose_power()

    def reset(self, reset_type: str) -> None:
        self.machine.reset(reset_type)

    def restart_manager(self) -> None:
        self.machine.restart_manager()
        self.bmc._sessions.clear()

    def silence(self, silent: bool) -> None:
        self.silent = silent

    def password(self, user: str, password: str) -> None:
        self.passwords[user] = password

    def forget_sessions(self) -> None:
        self.bmc._sessions.clear()

    def clear_requests(self) -> None:
        self.machine.requests.clear()

    def lack(self, commands: list[list[int]]) -> None:
        for netfn, number in commands:
            del self.bmc._handlers[netfn, number]

    def refuse(self, commands: list[list[int]], code: int) -> None:
        def refused(_command: object) -> bytes:
            raise CompletionCodeError(code)

        for netfn, number in commands:
            self.bmc._handlers[netfn, number] = refused

    def log_capacity(self, capacity: int) -> None:
        self.machine.requests = RequestLog(capacity)

    def set_boot(self, target: str, enabled: str) -> None:
        self.machine.set_boot(BootOverride(target=target, enabled=enabled))

    def state(self) -> dict:
        machine = self.machine
        return {
            "power": machine.power,
            "resets": machine.reset_count,
            "boot": [machine.boot.target, machine.boot.enabled, machine.boot.mode],
            "policy": machine.power_restore_policy,
            "sessions": self.bmc.sessions,
            "unheard": self.unheard,
            "last_reset": machine.last_reset_time.isoformat(),
            "manager_reset": machine.manager_reset_time.isoformat(),
            "requests": [
                [each.address, each.user, each.user_agent, each.method, each.path, each.status, each.body]
                for each in machine.requests
            ],
        }


async def main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    bmcs: list[Orders] = []
    async for line in lines:
        which, *order = json.loads(line)
        if which == "new":
            bmcs.append(Orders(order[0]))
            say([len(bmcs) - 1, await bmcs[-1].start()])
        else:
            outcome = getattr(bmcs[which], order[0])(*order[1:])
            say(await outcome if asyncio.iscoroutine(outcome) else outcome)


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
