"""The bootstrap config of a Machine: it is made the Machine's, its Secret is taken, and it goes with the Machine."""

from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.objects import CLUSTER_LABEL, is_deleted, owner_of
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.conditions import Condition
from harness.emulated.kube.resources import KUBEADM_CONFIGS, MACHINES

PROVIDED = Condition("BootstrapConfigReady", "True", "DataSecretProvided")
READY = Condition("BootstrapConfigReady", "True", "Ready")


class Bootstrap:
    """The KubeadmConfigs that Machines refer to; most Machines name a Secret, and have none."""

    def __init__(self, manager: ControllerManager) -> None:
        self._client: Client = manager.client
        self._machines: Informer = manager.informer(MACHINES)
        self._configs: Informer = manager.informer(KUBEADM_CONFIGS)

    def of(self, machine: Json) -> Json | None:
        """The config of a Machine, or None."""
        named = machine["spec"].get("bootstrap", {}).get("configRef", {}).get("name")
        return self._configs.get((machine["metadata"]["namespace"], named)) if named else None

    async def take(self, machine: Json) -> Json:
        """Own the config, and take the name of its Secret as soon as there is one; the Machine as it is then."""
        config = self.of(machine)
        if config is None:
            return machine
        if not owner_of(config, MACHINES.kind):
            owner = {**MACHINES.reference(machine), "controller": True, "blockOwnerDeletion": True}
            patch = {"labels": {CLUSTER_LABEL: machine["spec"]["clusterName"]}, "ownerReferences": [owner]}
            config = self._configs.learn(await self._client.merge_patch(KUBEADM_CONFIGS, config, {"metadata": patch}))
        name = config.get("status", {}).get("dataSecretName")
        if not name or machine["spec"]["bootstrap"].get("dataSecretName") == name:
            return machine
        spec = {"spec": {"bootstrap": {"dataSecretName": name}}}
        return self._machines.learn(await self._client.merge_patch(MACHINES, machine, spec))

    async def end(self, machine: Json) -> None:
        """Delete the config of a Machine that goes."""
        config = self.of(machine)
        if config is not None and not is_deleted(config):
            await self._client.delete(KUBEADM_CONFIGS, config["metadata"]["name"], config["metadata"]["namespace"])


def condition_of(machine: Json) -> Condition:
    """What a Machine says of its bootstrap data."""
    bootstrap = machine["spec"].get("bootstrap", {})
    if "configRef" not in bootstrap:
        return PROVIDED
    if bootstrap.get("dataSecretName"):
        return READY
    waiting = f"KubeadmConfig {bootstrap['configRef']['name']} status.initialization.dataSecretCreated is false"
    return Condition("BootstrapConfigReady", "False", "NotReady", waiting)


def configs_of(bootstrap: Json) -> list[NamespacedName]:
    """The Machine to look at when a config changes."""
    meta = bootstrap["metadata"]
    return [(meta["namespace"], meta["name"])]
