"""The kinds of a Metal3 management cluster: group, version, plural, scope, and the paths they are served at."""

from dataclasses import dataclass
from typing import Any

CAPI = "cluster.x-k8s.io"
INFRASTRUCTURE = "infrastructure.cluster.x-k8s.io"
IPAM = "ipam.metal3.io"
METAL3 = "metal3.io"
BOOTSTRAP = "bootstrap.cluster.x-k8s.io"
CONTROL_PLANE = "controlplane.cluster.x-k8s.io"


@dataclass(frozen=True, slots=True)
class ResourceMapping:
    """One kind at the version the controllers use (its storage version)."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """`v1` or `group/version`, as objects carry it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str | None = None) -> str:
        """The URL path of the collection, of one object, or of its subresource."""
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts += [part for part in (self.plural, name, subresource) if part]
        return "/" + "/".join(parts)

    def reference(self, obj: dict[str, Any]) -> dict[str, Any]:
        """An ownerReference to `obj`, without the `controller` flag."""
        return {"apiVersion": self.api_version, "kind": self.kind, "name": obj["metadata"]["name"], "uid": obj["metadata"]["uid"]}


NAMESPACES = ResourceMapping("", "v1", "namespaces", "Namespace", namespaced=False)
SECRETS = ResourceMapping("", "v1", "secrets", "Secret")
EVENTS = ResourceMapping("", "v1", "events", "Event")
NODES = ResourceMapping("", "v1", "nodes", "Node", namespaced=False)
DEPLOYMENTS = ResourceMapping("apps", "v1", "deployments", "Deployment")
CRDS = ResourceMapping("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False)
PROVIDERS = ResourceMapping("clusterctl.cluster.x-k8s.io", "v1alpha3", "providers", "Provider")

CLUSTERS = ResourceMapping(CAPI, "v1beta2", "clusters", "Cluster")
MACHINES = ResourceMapping(CAPI, "v1beta2", "machines", "Machine")
MACHINE_SETS = ResourceMapping(CAPI, "v1beta2", "machinesets", "MachineSet")
MACHINE_DEPLOYMENTS = ResourceMapping(CAPI, "v1beta2", "machinedeployments", "MachineDeployment")
KUBEADM_CONTROL_PLANES = ResourceMapping(CONTROL_PLANE, "v1beta2", "kubeadmcontrolplanes", "KubeadmControlPlane")
KUBEADM_CONFIGS = ResourceMapping(BOOTSTRAP, "v1beta2", "kubeadmconfigs", "KubeadmConfig")
KUBEADM_CONFIG_TEMPLATES = ResourceMapping(BOOTSTRAP, "v1beta2", "kubeadmconfigtemplates", "KubeadmConfigTemplate")

METAL3_CLUSTERS = ResourceMapping(INFRASTRUCTURE, "v1beta2", "metal3clusters", "Metal3Cluster")
METAL3_MACHINES = ResourceMapping(INFRASTRUCTURE, "v1beta2", "metal3machines", "Metal3Machine")
METAL3_MACHINE_TEMPLATES = ResourceMapping(INFRASTRUCTURE, "v1beta2", "metal3machinetemplates", "Metal3MachineTemplate")
METAL3_DATA_TEMPLATES = ResourceMapping(INFRASTRUCTURE, "v1beta2", "metal3datatemplates", "Metal3DataTemplate")
METAL3_DATA_CLAIMS = ResourceMapping(INFRASTRUCTURE, "v1beta2", "metal3dataclaims", "Metal3DataClaim")
METAL3_DATA = ResourceMapping(INFRASTRUCTURE, "v1beta2", "metal3datas", "Metal3Data")

IP_POOLS = ResourceMapping(IPAM, "v1alpha1", "ippools", "IPPool")
IP_CLAIMS = ResourceMapping(IPAM, "v1alpha1", "ipclaims", "IPClaim")
IP_ADDRESSES = ResourceMapping(IPAM, "v1alpha1", "ipaddresses", "IPAddress")

HOSTS = ResourceMapping(METAL3, "v1alpha1", "baremetalhosts", "BareMetalHost")
HARDWARE_DATA = ResourceMapping(METAL3, "v1alpha1", "hardwaredata", "HardwareData")
FIRMWARE_SETTINGS = ResourceMapping(METAL3, "v1alpha1", "hostfirmwaresettings", "HostFirmwareSettings")
FIRMWARE_COMPONENTS = ResourceMapping(METAL3, "v1alpha1", "hostfirmwarecomponents", "HostFirmwareComponents")
FIRMWARE_SCHEMAS = ResourceMapping(METAL3, "v1alpha1", "firmwareschemas", "FirmwareSchema")
