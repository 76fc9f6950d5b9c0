"""The embedded lab as a whole: what is started in which order, and what ends it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bmc.machine import Machine, PowerState
from harness.emulated.apiserver import ApiServer
from harness.emulated.bmcs.rack import Bmcs
from harness.emulated.controllers.deployments import RunPart
from harness.emulated.controllers.informer import NamespacedName
from harness.emulated.ironic import Ironic
from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.resources import NODES
from harness.emulated.lab import readiness
from harness.emulated.lab.cluster import Cluster
from harness.emulated.lab.files import Addresses, write_kubeconfigs, write_lab
from harness.emulated.lab.images import ImageServer
from harness.emulated.lab.management_cluster import ManagementCluster
from harness.emulated.plan.network import EmulatedNetwork
from harness.emulated.plan.plan import (
    API_ADDRESS,
    IMAGE_ADDRESS,
    SOURCE_ADDRESS,
    TARGET_ADDRESS,
    WORKLOAD_ADDRESS,
    Config,
    HostPlan,
    make_plan,
)
from harness.emulated.plan.time_scale import Pace
from harness.emulated.programs.manifests import ComponentManifests
from harness.emulated.programs.program import Program, ProgramPart
from harness.emulated.seed import steady, unapplied, upgraded
from harness.emulated.seed.components import components
from harness.emulated.seed.parts import Image, Scene
from harness.emulated.seed.steady_nodes import steady_node
from harness.emulated.servers import BareMetalServer
from harness.emulated.servers.door import Door
from harness.emulated.servers.found import found_server
from harness.emulated.servers.hosted import HostedCluster, HostedServer

SIDES = {"source": SOURCE_ADDRESS, "target": TARGET_ADDRESS}

STATE = "state"
"""Below a lab's directory, what its own parts need, and nobody else."""

log = logging.getLogger(__name__)


class EmulatedLab:
    """One lab in one event loop. `directory` receives its files; `lost_seconds` tells for how long the loop was not idle."""

    def __init__(self, config: Config, directory: Path, lost_seconds: Callable[[], float] = lambda: 0.0) -> None:
        self._plan = make_plan(config)
        self._pace = Pace(config.speed, seed=config.seed)
        self._directory = directory
        self._network = EmulatedNetwork(lost_seconds)
        self._boot_servers: list[str] = []

    async def run(self, ended: asyncio.Event, ready: Callable[[Path], None]) -> None:
        """Switch everything on, call `ready` with the lab file's path, and go on until `ended` is set."""
        async with AsyncExitStack() as stack:
            control = await self._network.start()
            stack.push_async_callback(self._network.stop)
            hosted = HostedCluster(self._life, API_ADDRESS) if self._plan.config.is_target_provisioned else None
            clusters = await self._clusters(hosted, stack)
            image = await self._image(stack)
            kubelets = await stack.enter_async_context(_client(clusters["workload"]))
            machines = [self._server(host, image, kubelets, hosted) for host in self._plan.hosts]
            named = {host.name: server.machine for host, server in zip(self._plan.hosts, machines, strict=True)}
            bmcs, recorder = await Bmcs(self._plan, named, self._network, self._pace, self._directory).start(stack)
            await stack.enter_async_context(_running([server.run for server in machines]))
            for server in machines:
                await server.ready.wait()
            addresses = {name: self._plan.config.bmc.address(place) for name, place in bmcs.items()}
            ironics = {
                side: await self._ironic(side, addresses, stack) for side in SIDES if not self._is_real(side, steady.IRONIC)
            }
            urls = self._plan.config.ironics | {side: ironic.url for side, ironic in ironics.items()}
            sides = {name: self._side(name, clusters[name], urls[name]) for name in SIDES}
            scene = await self._scene(clusters["workload"], addresses, image)
            await self._seed(sides, scene)
            parts = {name: await self._parts(name, sides[name], ironics.get(name), stack) for name in SIDES}
            lives = {name: partial(side.run, parts[name]) for name, side in sides.items()}
            if hosted:
                lives["target"] = partial(hosted.run, lives["target"])
            await stack.enter_async_context(_running(lives.values()))
            seconds = readiness.LIMITS.programs_seconds if self._plan.config.programs else readiness.LIMITS.emulated_seconds
            await readiness.until_ready([side for name, side in sides.items() if not (hosted and name == "target")], seconds)
            if self._is_real("source", steady.IRONIC) and self._plan.config.provisioned:
                await readiness.until_adopted(urls["source"], self._plan, seconds)
            wanted = (
                {} if self._plan.config.provisioned else {"hosts": unapplied.hosts(scene), "cluster": unapplied.cluster(scene)}
            )
            further = {"init": self._init_files(), "upgrade": self._upgrade_files(scene)}
            ready(write_lab(self._directory, self._plan, Addresses(bmcs, urls, control, recorder), wanted, further))
            await ended.wait()

    async def _clusters(self, hosted: HostedCluster | None, stack: AsyncExitStack) -> dict[str, Cluster]:
        """All three, with a kubeconfig file for each; target and workload are one where it is hosted, and its file is nowhere yet."""
        if hosted is None:
            clusters = {name: await self._cluster(name, stack) for name in (*SIDES, "workload")}
            write_kubeconfigs(self._directory, {name: cluster.kubeconfig for name, cluster in clusters.items()})
            return clusters
        source, target = await self._cluster("source", stack), Cluster(await hosted.kubeconfig())
        write_kubeconfigs(self._directory, {"source": source.kubeconfig})
        if self._plan.config.programs.get("target"):
            (self._directory / STATE).mkdir(exist_ok=True)
            write_kubeconfigs(self._directory / STATE, {"target": target.kubeconfig})
        return {"source": source, "target": target, "workload": target}

    def _life(self, number: int) -> HostedServer:
        """The API server of the target that is provisioned, of that life; a real one keeps what it knows from one life to the next."""
        if "target" in self._plan.config.servers:
            return Door(Cluster.read(Path(self._plan.config.servers["target"])).kubeconfig)
        return ApiServer("target", seed=self._plan.config.seed, middlewares=(self._network.middleware(API_ADDRESS),), life=number)

    async def _cluster(self, name: str, stack: AsyncExitStack) -> Cluster:
        """An API server of ours, or the one that the configuration names."""
        if name in self._plan.config.servers:
            return Cluster.read(Path(self._plan.config.servers[name]))
        seed, middleware = self._plan.config.seed, self._network.middleware(API_ADDRESS)
        server = ApiServer(name, seed=seed, middlewares=(middleware,))
        await server.start(API_ADDRESS)
        stack.push_async_callback(server.stop)
        return Cluster(server.kubeconfig())

    async def _image(self, stack: AsyncExitStack) -> Image:
        server = ImageServer(self._network, IMAGE_ADDRESS, self._plan.config.image)
        url = await server.start()
        stack.push_async_callback(server.stop)
        self._next_image = Image(server.next_url, server.next_checksum)
        return Image(url, server.checksum)

    def _server(self, host: HostPlan, image: Image, kubelets: Client, hosted: HostedCluster | None) -> BareMetalServer:
        """A server as it is found."""
        power: PowerState = "On" if self._plan.config.provisioned else "Off"
        machine = Machine(name=host.name, uuid=host.uuid, clock=lambda: datetime.now(UTC), power=power, mac_addresses=(host.mac,))
        return found_server(
            host,
            machine,
            config=self._plan.config,
            workload=kubelets,
            image_url=image.url,
            boot_servers=self._boot_servers,
            hosted=hosted,
        )

    async def _ironic(self, side: str, addresses: dict[str, str], stack: AsyncExitStack) -> Ironic:
        """An Ironic with its address chosen; it runs when its Deployment says so. The source's knows all hosts that are provisioned."""
        hosts = self._plan.hosts if side == "source" and self._plan.config.provisioned else ()
        ironic = Ironic(
            side,
            address=SIDES[side],
            credentials=(self._plan.ironic_username, self._plan.ironic_password),
            network=self._network,
            speed=self._plan.config.speed,
            seed=self._plan.config.seed,
            nodes=[steady_node(host, addresses[host.name], self._plan.config.namespace) for host in hosts],
        )
        await ironic.start(urlsplit(self._plan.config.ironics.get(side, "")).port or 0)
        stack.push_async_callback(ironic.close)
        self._boot_servers.append(ironic.url)
        if side != "source":
            await ironic.stop()
        return ironic

    def _is_real(self, side: str, deployment: NamespacedName) -> bool:
        return "/".join(deployment) in self._plan.config.programs.get(side, {})

    def _side(self, name: str, cluster: Cluster, ironic_url: str) -> ManagementCluster:
        credentials = (self._plan.ironic_username, self._plan.ironic_password)
        return ManagementCluster(
            cluster.text,
            address=SIDES[name],
            ironic_url=ironic_url,
            credentials=credentials,
            pace=self._pace,
            kubeadm=self._plan.config.kubeadm,
        )

    def _init_files(self) -> dict[str, list[Json]]:
        """What makes the target a management cluster, where it is to be made one, or may be."""
        if self._plan.config.provisioned and self._plan.config.initialized:
            return {}
        return components(*_of_programs(self._plan.config.programs.get("target", {}).values()), kubeadm=self._plan.config.kubeadm)

    def _upgrade_files(self, scene: Scene) -> dict[str, list[Json]]:
        """What the lab is upgraded with, where all of it is ours."""
        if self._plan.config.programs:
            return {}
        return upgraded.components(kubeadm=self._plan.config.kubeadm) | upgraded.cluster(scene, self._next_image)

    async def _seed(self, sides: dict[str, ManagementCluster], scene: Scene) -> None:
        async with asyncio.TaskGroup() as tasks:
            for name, side in sides.items():
                if name == "target" and self._plan.config.is_target_bare:
                    continue
                programs = list(self._plan.config.programs.get(name, {}).values())
                tasks.create_task(self._seed_side(side, scene if name == "source" else None, programs))

    async def _seed_side(self, side: ManagementCluster, scene: Scene | None, programs: list[Program]) -> None:
        provided, releases = _of_programs(programs)
        async with side.client() as client:
            kubeadm = self._plan.config.kubeadm
            await steady.install(client, (self._plan.config.namespace,), provided, releases, kubeadm=kubeadm)
            if scene and self._plan.config.provisioned:
                await steady.write(client, scene, own_definitions=bool(provided))
            await steady.deploy(client, bare_metal=scene is not None, kubeadm=kubeadm)

    async def _scene(self, workload: Cluster, addresses: dict[str, str], image: Image) -> Scene:
        nodes = []
        if not self._plan.config.is_target_provisioned:
            async with _client(workload) as client:
                nodes = (await client.list_all(NODES))["items"]
        named = {node["metadata"]["name"]: node for node in nodes}
        return Scene(self._plan, image, addresses, workload.text, workload.endpoint, named)

    async def _parts(
        self, name: str, side: ManagementCluster, ironic: Ironic | None, stack: AsyncExitStack
    ) -> dict[NamespacedName, RunPart]:
        """What runs under the Deployments of one side: ours, but for those that are programs."""
        ours: dict[NamespacedName, RunPart] = {
            **({steady.IRONIC: partial(_serve, ironic)} if ironic else {}),
            **side.controllers(),
        }
        client = await stack.enter_async_context(side.client())
        programs = self._plan.config.programs.get(name, {})
        return {**ours, **{_key(deployment): ProgramPart(program, client) for deployment, program in programs.items()}}


def _of_programs(programs: Iterable[Program]) -> tuple[list[ComponentManifests], dict[str, str]]:
    """The manifests and the versions of real components."""
    listed = list(programs)
    return [each.provided for each in listed if each.provided], {each.name: each.release for each in listed if each.release}


async def _serve(ironic: Ironic) -> None:
    await ironic.start()
    try:
        await asyncio.Event().wait()
    finally:
        await ironic.stop()


def _key(deployment: str) -> NamespacedName:
    namespace, _, name = deployment.partition("/")
    return namespace, name


def _client(cluster: Cluster) -> Client:
    return cluster.client(user_agent="kubelet/v1.36.3", local_address=WORKLOAD_ADDRESS)


@asynccontextmanager
async def _running(parts: Iterable[Callable[[], Coroutine[Any, Any, None]]]) -> AsyncIterator[None]:
    """The parts run within; a bug in one of them ends the lab."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(part()) for part in parts]
        yield
        for task in running:
            task.cancel()
