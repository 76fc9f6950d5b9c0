"""The conductor: verify, inspect, adopt, clean, deploy, tear down, power; one task and one lock per node.

The order of requests to the BMC, and of the states that a poll can see, is that of recorded runs of the real one.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

from harness.emulated.ironic.agent_link import AgentError, AgentLink
from harness.emulated.ironic.bmc_client import BmcClient, BmcClientError
from harness.emulated.ironic.boot import BootInterface, boot_of
from harness.emulated.ironic.nodes import BaremetalNode, IronicFaultError, Transition, now

Body = dict[str, Any]

VERIFY_SECONDS = (1.0, 2.0)
ADOPT_SECONDS = (1.0, 3.0)
PREPARE_SECONDS = (0.3, 0.8)
CALLBACK_SECONDS = 1800.0
SOFT_POWER_OFF_SECONDS = 180.0

RESETS = {
    "power on": ("power on", "On"),
    "power off": ("power off", "ForceOff"),
    "soft power off": ("power off", "GracefulShutdown"),
}
AUTODETECTED = frozenset({"autodetect", "direct", "ramdisk"})
REBOOTS = frozenset({"rebooting", "soft rebooting"})


class Conductor:
    """The worker behind the API. Its tasks live in the task group that it was given.

    `connect` makes the client of a node's BMC; `name` is who holds a reserved node.
    """

    def __init__(
        self,
        name: str,
        agents: AgentLink,
        connect: Callable[[BaremetalNode], BmcClient],
        speed: float,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self.name = name
        self.database = agents.database
        self.agents = agents
        self._connect = connect
        self._speed = speed
        self._tasks = tasks
        self._clients: dict[str, tuple[Body, BmcClient]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def client(self, node: BaremetalNode) -> BmcClient:
        """The node's BMC; a new session when its address or credentials were changed."""
        info = node.body["driver_info"]
        known = self._clients.get(node.uuid)
        if known is None or known[0] != info:
            known = self._clients[node.uuid] = (dict(info), self._connect(node))
        return known[1]

    def _boot(self, node: BaremetalNode) -> BootInterface:
        return boot_of(node, self.client(node), self.agents)

    def forget(self, node: BaremetalNode) -> None:
        """Stop what is being done with a node that is deleted."""
        self._clients.pop(node.uuid, None)
        task = self._running.pop(node.uuid, None)
        if task is not None:
            task.cancel()

    # --- orders from the API ---------------------------------------------------------------------------------------------

    def provision(self, node: BaremetalNode, verb: str, configdrive: Any = None) -> None:
        """Begin what a verb means; IronicFaultError (400, 409) where the node's state or its lock forbids it."""
        transition = node.transition(verb)
        if verb == "abort":
            self.forget(node)
        else:
            node.check_free()
        node.body.update(last_error=None)
        if transition.during is None:
            node.move(transition.target, None)
            return
        if verb in ("active", "rebuild"):
            node.configdrive = configdrive
        work = self._works()[verb]
        node.move(transition.during, transition.target)
        self._begin(node, functools.partial(work, node), transition)

    def power(self, node: BaremetalNode, target: str, limit_seconds: float | None) -> None:
        """Begin a change of power; IronicFaultError (400, 409)."""
        if target not in RESETS and target not in REBOOTS:
            raise IronicFaultError(400, f"Invalid target power state: {target}")
        node.check_free()
        node.body.update(last_error=None, target_power_state=_end_of(target))
        self._begin(node, functools.partial(self._change_power, node, target, limit_seconds or SOFT_POWER_OFF_SECONDS), None)

    def _works(self) -> dict[str, Callable[[BaremetalNode], Awaitable[None]]]:
        return {
            "manage": self._verify,
            "inspect": self._inspect,
            "adopt": self._adopt,
            "provide": self._clean,
            "clean": self._clean,
            "active": self._deploy,
            "rebuild": self._deploy,
            "deleted": self._tear_down,
        }

    def _begin(self, node: BaremetalNode, work: Callable[[], Awaitable[None]], transition: Transition | None) -> None:
        node.body.update(reservation=self.name)
        task = self._tasks.create_task(self._carry_out(node, work, transition), name=f"{self.name} {node.name}")
        self._running[node.uuid] = task

    async def _carry_out(self, node: BaremetalNode, work: Callable[[], Awaitable[None]], transition: Transition | None) -> None:
        try:
            await work()
            if transition is not None:
                node.move(transition.target, None)
        except (BmcClientError, AgentError) as error:
            self._fail(node, transition, str(error))
        finally:
            node.body.update(reservation=None, target_power_state=None)

    def _fail(self, node: BaremetalNode, transition: Transition | None, text: str) -> None:
        node.body.update(last_error=text)
        if transition is None:
            return
        node.move(transition.failed, None)
        if transition.failed == "adopt failed":
            node.body.update(power_state=None)
        if transition.failed == "clean failed":
            node.body.update(maintenance=True, maintenance_reason=text, fault="clean failure")

    # --- the works ---------------------------------------------------------------------------------------------------------

    async def _verify(self, node: BaremetalNode) -> None:
        client = self.client(node)
        await self._pause(VERIFY_SECONDS)
        node.body.update(power_state=await client.power_state(3))
        await client.detect_vendor()
        await client.boot_mode()
        node.firmware = await client.firmware()
        node.bios = await client.bios()

    async def _adopt(self, node: BaremetalNode) -> None:
        node.body.update(deploy_interface=_deploy_interface(node))
        await self._pause(ADOPT_SECONDS)
        if node.body["deploy_interface"] != "ramdisk":
            await self._boot(node).clean_up()

    async def _inspect(self, node: BaremetalNode) -> None:
        client = self.client(node)
        node.body.update(inspection_started_at=now())
        for address in await client.mac_addresses():
            if not self.database.ports_with([address]):
                self.database.add_port({"node_uuid": node.uuid, "address": address})
        await self._pause(PREPARE_SECONDS)
        await self._power(node, "power off")
        await self._boot_agent(node, "inspecting", "inspect wait")
        await self._power(node, "power off")
        await self._boot(node).clean_up()
        node.firmware = await client.firmware()
        node.body.update(inspection_finished_at=now())

    async def _clean(self, node: BaremetalNode) -> None:
        client = self.client(node)
        node.body.update(deploy_interface=_deploy_interface(node))
        await client.boot_mode()
        await client.firmware()
        await self._pause(PREPARE_SECONDS)
        if node.body["automated_clean"] is not False:
            await self._power(node, "power off")
            await self._boot_agent(node, "cleaning", "clean wait")
            for step in await self._steps(node, "clean"):
                await self.agents.command(
                    node, "clean.execute_clean_step", step=step, node=node.shown(["uuid", "name"]), ports=[]
                )
            await self._power(node, "power off")
            await self._boot(node).clean_up()
            await client.boot_mode()
            await client.firmware()
        if node.body["deploy_interface"] in AUTODETECTED:
            node.body.update(deploy_interface="autodetect")

    async def _deploy(self, node: BaremetalNode) -> None:
        node.body.update(deploy_interface=_deploy_interface(node))
        await self._pause(PREPARE_SECONDS)
        await self._power(node, "power off")
        await self._boot_agent(node, "deploying", "wait call-back")
        await self._write_image(node)
        await self._boot(node).prepare_disk()
        await self.agents.command(node, "standby.power_off")
        await self.client(node).wait_power("power off")
        node.body.update(power_state="power off")
        await self._power(node, "power on")

    async def _write_image(self, node: BaremetalNode) -> None:
        steps = await self._steps(node, "deploy")
        image = {
            key.removeprefix("image_"): value for key, value in node.body["instance_info"].items() if key.startswith("image_")
        }
        write: Body = {
            "interface": "deploy",
            "step": "write_image",
            "args": {"image_info": image, "configdrive": node.configdrive},
        }
        for step in [write, *[step for step in steps if step["step"] != "write_image"]]:
            await self.agents.command(node, "deploy.execute_deploy_step", step=step, node=node.shown(["uuid", "name"]), ports=[])

    async def _tear_down(self, node: BaremetalNode) -> None:
        await self._power(node, "power off")
        for _ in range(2):
            await self._boot(node).clean_up()
        node.configdrive = None
        node.body.update(instance_info={}, instance_uuid=None)
        node.move("cleaning", "available")
        await self._clean(node)

    async def _boot_agent(self, node: BaremetalNode, working: str, waiting: str) -> None:
        """Boot the agent and wait, unlocked, until it calls."""
        await self._boot(node).prepare_agent()
        async with self.agents.awaiting(node, CALLBACK_SECONDS) as called:
            await self._power(node, "power on")
            target = node.body["target_provision_state"]
            node.move(waiting, target)
            node.body.update(reservation=None)
            await called
        node.body.update(reservation=self.name)
        node.move(working, target)

    async def _steps(self, node: BaremetalNode, kind: str) -> list[Body]:
        found = await self.agents.command(node, f"{kind}.get_{kind}_steps", node=node.shown(["uuid", "name"]), ports=[])
        steps: dict[str, list[Body]] = found[f"{kind}_steps"]
        wanted = [step for of_manager in steps.values() for step in of_manager if step.get("priority", 0) > 0]
        return sorted(wanted, key=lambda step: -int(step["priority"]))

    # --- power -------------------------------------------------------------------------------------------------------------

    async def _change_power(self, node: BaremetalNode, target: str, limit_seconds: float) -> None:
        if target in REBOOTS:
            await self._power(node, "power off")
            await self._power(node, "power on", is_needed=True)
            return
        await self._power(node, target, limit_seconds)

    async def _power(
        self, node: BaremetalNode, target: str, limit_seconds: float = SOFT_POWER_OFF_SECONDS, *, is_needed: bool = False
    ) -> None:
        end, reset = RESETS[target]
        node.body.update(target_power_state=end)
        await self.client(node).power(end, reset, limit_seconds, is_needed=is_needed)
        node.body.update(power_state=end, target_power_state=None)

    async def restore_power(self, node: BaremetalNode) -> None:
        """Bring the machine back to the power that is recorded for it (power sync)."""
        node.check_free()
        node.body.update(reservation=self.name)
        try:
            await self._power(node, node.body["power_state"])
        finally:
            node.body.update(reservation=None, target_power_state=None)

    async def _pause(self, span: tuple[float, float]) -> None:
        await asyncio.sleep(self.database.random.uniform(*span) / self._speed)


def _end_of(target: str) -> str:
    return "power on" if target in REBOOTS else RESETS[target][0]


def _deploy_interface(node: BaremetalNode) -> str:
    """What `autodetect` finds: a live image is run, everything else is written to disk."""
    if node.body["deploy_interface"] not in AUTODETECTED:
        return str(node.body["deploy_interface"])
    return "ramdisk" if "boot_iso" in node.body["instance_info"] else "direct"
