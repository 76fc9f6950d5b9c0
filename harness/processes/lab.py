"""A lab of processes as a whole: what is started in which order, and what ends it."""

import asyncio
import contextlib
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import LabBrokeError
from harness.journal.facts import SIDES
from harness.processes import phases
from harness.processes.parts.apiserver import ApiServerProcess, api_server
from harness.processes.parts.certificates import Authority
from harness.processes.parts.controllers import collector, controller_manager
from harness.processes.parts.etcd import etcd
from harness.processes.parts.ironic_service import IronicEndpoint, ironic_program, operator_environment
from harness.processes.parts.manager import DEPLOYMENTS, Surroundings, manager
from harness.processes.parts.ports import free_port
from harness.processes.settings import ProcessesSettings
from harness.processes.supervisor import Running, Supervisor

CLUSTERS = {
    "source": ("127.77.1.1", "10.96.0.0/24"),
    "target": ("127.77.2.1", "10.97.0.0/24"),
    "workload": ("127.77.3.1", "10.98.0.0/24"),
}
"""Cluster -> the loopback address of its servers, and the range of its Services."""
SERVERS_SECONDS = 180.0
OURS_SECONDS = 600.0
STOP_SECONDS = 15.0
OURS = "lab"
IRONIC_USER = "ironic"


class ProcessesLab:
    """One lab. `directory` receives its files and goes at the end of an `ephemeral` lab; `logs` has a log of every process."""

    def __init__(self, settings: ProcessesSettings, directory: Path, logs: Path, *, ephemeral: bool = False) -> None:
        """Nothing runs yet."""
        self._options = ["--ephemeral"] if ephemeral else []
        self._settings = settings
        self._programs = settings.programs
        self._directory = directory
        self._logs = logs
        self._supervisor = Supervisor(logs)
        self._authority = Authority(directory / "state" / "certificates")

    @property
    def _is_target_provisioned(self) -> bool:
        embedded = self._settings.embedded
        return not embedded.provisioned and embedded.target == "provisioned"

    @property
    def _clusters(self) -> tuple[str, ...]:
        """Who has an API server of its own: a target that is provisioned is the workload."""
        return SIDES if self._is_target_provisioned else tuple(CLUSTERS)

    async def run(self, tell: Callable[[str], None], ready: Callable[[Path], None]) -> None:
        """Switch everything on, call `ready` with the lab file's path, and go on until cancelled; everything is gone then.

        `tell` is called with what is being started.
        Raises LabBrokeError, with the last words of the component, where one does not come up or ends by itself.
        """
        try:
            servers = {}
            if "kube-apiserver" in self._programs["source"]:
                tell(phases.servers(self._programs))
                servers = await self._servers()
                tell(phases.controllers(self._programs))
                for side in SIDES:
                    await self._start_collector(side, servers[side])
            tell(phases.parts(self._programs))
            await self._start_ours(servers)
            ready(self._directory / "lab.yaml")
            await self._supervisor.until_one_dies()
        finally:
            await asyncio.shield(self._supervisor.stop())

    async def _servers(self) -> dict[str, ApiServerProcess]:
        """Start all API servers concurrently; a cause of failure common to several is reported once."""
        try:
            async with asyncio.TaskGroup() as tasks:
                starting = {name: tasks.create_task(self._start_server(name)) for name in self._clusters}
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        return {name: task.result() for name, task in starting.items()}

    async def _start_server(self, name: str) -> ApiServerProcess:
        address, services = CLUSTERS[name]
        common: dict[str, Any] = {"name": name, "address": address, "authority": self._authority}
        program, data = self._programs[name]["etcd"], self._directory / "state" / f"etcd-{name}"
        store = etcd(program.path, program.flags, data=data, **common)
        etcd_runs = await self._supervisor.start(f"etcd-{name}", store.command, patience_seconds=0)
        program = self._programs[name]["kube-apiserver"]
        server = api_server(program.path, program.flags, services=services, store=store, **common)
        runs = await self._supervisor.start(f"kube-apiserver-{name}", server.command, patience_seconds=0)
        await self._supervisor.until(server.ready, runs, SERVERS_SECONDS, etcd_runs)
        return server

    async def _start_collector(self, side: str, server: ApiServerProcess) -> None:
        program = self._programs[side].get("kube-controller-manager")
        if program is None:
            command = collector(self._programs[side]["collector"].path, server.kubeconfig)
        else:
            files = self._directory / "state" / f"controller-manager-{side}"
            address, _ = CLUSTERS[side]
            command = controller_manager(program.path, program.flags, kubeconfig=server.kubeconfig, address=address, files=files)
        await self._supervisor.start(f"kube-controller-manager-{side}", command)

    async def _start_ours(self, servers: dict[str, ApiServerProcess]) -> None:
        """Start the process with all our own parts; it seeds the clusters and writes the lab file."""
        clusterctl, password = self._programs["target"].get("clusterctl"), secrets.token_urlsafe(24)
        ironics = {side: IronicEndpoint(_url(side), _url(side), IRONIC_USER, password) for side in SIDES}
        wanted = {
            **msgspec.structs.asdict(self._settings.embedded),
            "servers": {name: str(server.kubeconfig) for name, server in servers.items()},
            "clusterctl": str(clusterctl.path) if clusterctl else "",
            "ironics": {side: ironic.url for side, ironic in ironics.items()},
            "ironic_password": password,
            "programs": {side: self._side(side, ironics[side]) for side in SIDES},
        }
        config = self._authority.write("embedded.json", msgspec.json.encode(wanted, enc_hook=str))
        command = (
            sys.executable,
            "-m",
            "harness.emulated",
            "--config",
            str(config),
            "--dir",
            str(self._directory),
            *self._options,
        )
        ours = await self._supervisor.start(OURS, command, talks=True)
        await self._supervisor.while_all_live(_until_ready(ours))

    def _side(self, side: str, ironic: IronicEndpoint) -> dict[str, Any]:
        """The real components of this side: Deployment -> component."""
        files = self._directory / "state"
        of_ours = side == "target" and self._is_target_provisioned
        kubeconfig = (files if of_ours else self._directory) / f"{side}.kubeconfig"
        place = Surroundings(side, CLUSTERS[side][0], kubeconfig, self._authority, files, self._logs)
        programs: dict[str, Any] = {}
        for name in DEPLOYMENTS.keys() & self._programs[side].keys():
            program = self._programs[side][name]
            if name == "ironic":
                programs[DEPLOYMENTS[name]] = ironic_program(program.path, place, ironic)
            else:
                extra = operator_environment(program.path, place, ironic) if name == "bmo" else {}
                programs[DEPLOYMENTS[name]] = manager(name, program, place, extra)
        return programs


def _url(side: str) -> str:
    address, _ = CLUSTERS[side]
    return f"http://{address}:{free_port(address)}"


async def _until_ready(ours: Running) -> None:
    """Wait until our process says that it is ready."""
    if ours.process.stdout is None:
        raise ValueError("our process has no standard output to listen to")
    try:
        async with asyncio.timeout(OURS_SECONDS):
            line = await ours.process.stdout.readline()
    except TimeoutError:
        said = f"its last words ({ours.log}):\n{ours.last_words()}"
        raise LabBrokeError(f"the lab's own parts were not ready after {OURS_SECONDS:.0f} s; {said}") from None
    if not line.startswith(b"ready "):
        # Its standard output has ended, so it is about to.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ours.process.wait(), STOP_SECONDS)
        raise ours.died()
