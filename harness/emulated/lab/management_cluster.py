"""One management cluster of an embedded lab: who runs in it, under which Deployment, calling from which address."""

import functools
from collections.abc import Callable

from harness.emulated.controllers.bmo.ironic_api import IronicApi
from harness.emulated.controllers.bmo.operator import Operator
from harness.emulated.controllers.capi.cluster import ClusterReconciler
from harness.emulated.controllers.capi.machine import MachineReconciler
from harness.emulated.controllers.capi.replicas import MachineSetReconciler
from harness.emulated.controllers.capm3.cluster import Metal3ClusterReconciler
from harness.emulated.controllers.capm3.data import Metal3DataReconciler
from harness.emulated.controllers.capm3.machine import Metal3MachineReconciler
from harness.emulated.controllers.capm3.template import Metal3DataTemplateReconciler
from harness.emulated.controllers.deployments import Deployments, RunPart
from harness.emulated.controllers.informer import NamespacedName
from harness.emulated.controllers.ipam import IpPoolReconciler
from harness.emulated.controllers.kubeadm.bootstrap import KubeadmConfigReconciler
from harness.emulated.controllers.kubeadm.control_plane import KubeadmControlPlaneReconciler
from harness.emulated.controllers.kubeconfig import Workloads, client_of
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import MACHINE_DEPLOYMENTS, MACHINE_SETS, MACHINES, SECRETS
from harness.emulated.plan.time_scale import Pace
from harness.emulated.seed import steady

LAB_AGENT = "lab"
BMO_AGENT = "baremetal-operator/v0.14.0 (linux/amd64) kubernetes"
CAPI_AGENT = "capi-core/v1.14.2 cluster-api-controller-manager (linux/amd64)"
CAPM3_AGENT = "cluster-api-provider-metal3-manager"
IPAM_AGENT = "ip-address-manager/v1.14.0 (linux/amd64) kubernetes"
BOOTSTRAP_AGENT = "capi-kubeadm-bootstrap/v1.14.2 cluster-api-kubeadm-bootstrap-manager (linux/amd64)"
PLANE_AGENT = "capi-kubeadm-control-plane/v1.14.2 cluster-api-kubeadm-control-plane-manager (linux/amd64)"
"""User agents as the real ones send them: what stands before the slash becomes the field manager."""


class ManagementCluster:
    """Source or target: its API server (a kubeconfig's text), its Ironic's address, and the controllers its Deployments start.

    `address` is what everything of this side calls from (None: whatever the system takes). `kubeadm`: with the two providers of that.
    """

    def __init__(  # noqa: PLR0913 - all by name but the kubeconfig
        self,
        kubeconfig: str,
        *,
        address: str | None,
        ironic_url: str,
        credentials: tuple[str, str],
        pace: Pace,
        kubeadm: bool = False,
    ) -> None:
        self._kubeconfig = kubeconfig
        self._address = address
        self._ironic_url = ironic_url
        self._credentials = credentials
        self._pace = pace
        self._kubeadm = kubeadm

    def client(self, user_agent: str = LAB_AGENT) -> Client:
        """An API client that calls from this side's address."""
        return client_of(self._kubeconfig, user_agent=user_agent, local_address=self._address)

    def controllers(self) -> dict[NamespacedName, RunPart]:
        """Every controller by its Deployment."""
        return {
            steady.BMO: self._run_bmo,
            steady.CAPM3: functools.partial(self._run_provider, CAPM3_AGENT, _capm3, "capm3"),
            steady.CAPI: functools.partial(
                self._run_provider, CAPI_AGENT, functools.partial(_capi, kubeadm=self._kubeadm), "capi"
            ),
            steady.IPAM: self._run_ipam,
            **(self._kubeadm_controllers() if self._kubeadm else {}),
        }

    def _kubeadm_controllers(self) -> dict[NamespacedName, RunPart]:
        return {
            steady.BOOTSTRAP: functools.partial(self._run_alone, BOOTSTRAP_AGENT, KubeadmConfigReconciler),
            steady.PLANE: functools.partial(self._run_alone, PLANE_AGENT, KubeadmControlPlaneReconciler),
        }

    async def run(self, parts: dict[NamespacedName, RunPart]) -> None:
        """Run of these parts what the Deployments want, until cancelled."""
        async with self.client() as client:
            await Deployments(client, parts).run()

    async def _run_bmo(self) -> None:
        ironic = IronicApi(self._ironic_url, self._credentials, local_address=self._address)
        async with self.client(BMO_AGENT) as client, ironic:
            manager = ControllerManager("bmo", client, self._pace)
            Operator(manager, ironic)
            await manager.run()

    async def _run_ipam(self) -> None:
        await self._run_alone(IPAM_AGENT, IpPoolReconciler)

    async def _run_alone(self, user_agent: str, add: Callable[[ControllerManager], object]) -> None:
        """A manager of one controller."""
        async with self.client(user_agent) as client:
            manager = ControllerManager(user_agent.partition("/")[0], client, self._pace)
            add(manager)
            await manager.run()

    async def _run_provider(self, user_agent: str, add: Callable[[ControllerManager, Workloads], None], name: str) -> None:
        """A manager whose controllers look into workload clusters."""
        async with self.client(user_agent) as client:
            manager = ControllerManager(name, client, self._pace)
            secrets = manager.informer(SECRETS)
            async with Workloads(secrets, pace=self._pace, user_agent=user_agent, local_address=self._address) as workloads:
                add(manager, workloads)
                await manager.run()


def _capm3(manager: ControllerManager, workloads: Workloads) -> None:
    Metal3ClusterReconciler(manager)
    Metal3MachineReconciler(manager, workloads)
    Metal3DataTemplateReconciler(manager)
    Metal3DataReconciler(manager)


def _capi(manager: ControllerManager, workloads: Workloads, *, kubeadm: bool) -> None:
    ClusterReconciler(manager, kubeadm=kubeadm)
    MachineReconciler(manager, workloads, kubeadm=kubeadm)
    MachineSetReconciler(manager, MACHINE_DEPLOYMENTS, MACHINE_SETS)
    MachineSetReconciler(manager, MACHINE_SETS, MACHINES)
