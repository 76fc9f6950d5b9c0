"""The BMCs of a lab, one per server, each with a flight recorder before it if configured."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler

from bmc.ipmi.emulator import IpmiBmc
from bmc.machine import Machine
from bmc.recorder import recorder
from bmc.recorder.control import control_app
from bmc.recorder.settings import BmcSettings, RecorderSettings
from bmc.redfish.emulator import redfish_app
from bmc.redfish.personality import PERSONALITIES
from bmc.redfish.service.system.power import PowerSequence
from harness.emulated.bmcs import sushy_emulator
from harness.emulated.plan.network import SHUTDOWN_SECONDS, EmulatedNetwork
from harness.emulated.plan.plan import API_ADDRESS, IPMI, SOURCE_ADDRESS, TARGET_ADDRESS, HostPlan, LabPlan
from harness.emulated.plan.time_scale import Pace

POWER_SECONDS = 1.0
RECORD = "recorder.jsonl"
STATE = "sushy-emulator"
BEHIND = API_ADDRESS
"""The addresses of BMCs behind a recorder; they are given to the recorder only."""


class Bmcs:
    """Everybody's BMC. `machines` are the servers, by their host's name; `directory` receives the record of requests."""

    def __init__(
        self, plan: LabPlan, machines: Mapping[str, Machine], network: EmulatedNetwork, pace: Pace, directory: Path
    ) -> None:
        self._plan = plan
        self._machines = machines
        self._network = network
        self._pace = pace
        self._record = directory / RECORD
        self._personality = PERSONALITIES[plan.config.bmc.personality]
        self._speaks_ipmi = plan.config.bmc.protocol == "ipmi"
        self._recorded = plan.config.bmc.recorder or plan.config.bmc.kind == "sushy-emulator"

    async def start(self, stack: AsyncExitStack) -> tuple[dict[str, str], str]:
        """Put them on the network until the stack is closed: where each host's BMC is, and the URL of the recorder's control.

        That is the URL of its System (`http://…`), or an address like `ipmi://127.77.10.1:6230`.
        """
        services = await self._services(stack)
        if not self._recorded:
            return {host.name: services[host.name] + self._system(host) for host in self._plan.hosts}, ""
        places, control = await self._stand_before(services, stack)
        scheme = IPMI if self._speaks_ipmi else "http://"
        return {host.name: f"{scheme}{places[host.name]}{self._system(host)}" for host in self._plan.hosts}, control

    async def _services(self, stack: AsyncExitStack) -> dict[str, str]:
        """Start the BMCs themselves: the base URL of each host's."""
        if self._plan.config.bmc.kind == "sushy-emulator":
            one = await stack.enter_async_context(self._sushy_emulator())
            return dict.fromkeys(self._machines, one)
        serve = self._serve_ipmi if self._speaks_ipmi else self._serve
        return {host.name: await serve(host, stack) for host in self._plan.hosts}

    def _sushy_emulator(self) -> AbstractAsyncContextManager[str]:
        bmc = self._plan.config.bmc
        command = [bmc.program or sushy_emulator.program(), *bmc.flags]
        return sushy_emulator.serving(self._machines, self._record.with_name(STATE), bmc.driver, command)

    def _system(self, host: HostPlan) -> str:
        """The path to its System, which IPMI has none of."""
        return "" if self._speaks_ipmi else f"/redfish/v1/Systems/{self._personality.system_id or host.uuid}"

    async def _serve(self, host: HostPlan, stack: AsyncExitStack) -> str:
        """Start one emulated BMC; its base URL."""
        hidden = self._recorded
        application = redfish_app(
            self._machines[host.name],
            credentials={host.username: host.password},
            power_seconds=self._pace.seconds(POWER_SECONDS),
            personality=self._personality,
            middlewares=() if hidden else (self._network.middleware(host.bmc_address),),
        )
        return await _listen(application, BEHIND if hidden else host.bmc_address, stack)

    async def _serve_ipmi(self, host: HostPlan, stack: AsyncExitStack) -> str:
        """Start one emulated BMC that speaks IPMI; its address."""
        machine, place = self._machines[host.name], BEHIND if self._recorded else host.bmc_address
        power = PowerSequence(machine, self._pace.seconds(POWER_SECONDS))
        await stack.enter_async_context(power.working())
        bmc = IpmiBmc(
            machine,
            credentials={host.username: host.password},
            reset=power.ask,
            reachable=lambda caller: self._recorded or self._within_reach(host, caller),
            oem=self._plan.config.bmc.personality == "emulated",
        )
        port = await bmc.start(place)
        stack.push_async_callback(bmc.stop)
        return f"{IPMI}{place}:{port}"

    def _within_reach(self, host: HostPlan, caller: str) -> bool:
        """Does a packet from this address come through to the host's BMC?"""
        return self._network.reaches(caller, host.bmc_address) and not self._network.is_silent(host.bmc_address)

    async def _stand_before(self, services: Mapping[str, str], stack: AsyncExitStack) -> tuple[dict[str, str], str]:
        """Start the recorder before these; where each host's BMC is asked from now on, and the URL of the control."""
        hosts = {host.name: host for host in self._plan.hosts}
        settings = RecorderSettings(
            bmcs=tuple(BmcSettings(f"{hosts[name].bmc_address}:0", url, name) for name, url in services.items()),
            log=str(self._record),
            askers=(f"ironic-source=address:{SOURCE_ADDRESS}", f"ironic-target=address:{TARGET_ADDRESS}"),
        )

        def within_reach(name: str, handler: recorder.BaseHandler) -> recorder.BaseHandler:
            obey = self._network.middleware(hosts[name].bmc_address)
            return lambda request: obey(cast("web.Request", request), cast("Handler", handler))

        standing = await stack.enter_async_context(
            recorder.FlightRecorder(
                settings,
                within_reach,
                reachable=lambda name, caller: self._within_reach(hosts[name], caller),
                users={name: {host.username: host.password} for name, host in hosts.items()},
            )
        )
        control = await _listen(control_app(standing), API_ADDRESS, stack)
        return {name: listener.place for name, listener in standing.listeners.items()}, control


async def _listen(application: web.Application, address: str, stack: AsyncExitStack) -> str:
    """Serve an application at a free port until the stack is closed; its URL."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, address, 0).start()
    return f"http://{address}:{runner.addresses[0][1]}"
