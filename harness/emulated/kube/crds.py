"""The CustomResourceDefinitions of a management cluster: upstream's names and labels, permissive schemas of our own.

Labels are what a pivot needs: the discovery label on what `clusterctl init` installs, and on BareMetalHost and HardwareData those
that upstream's instructions tell people to put there by hand.
"""

from dataclasses import dataclass

from harness.emulated.kube.client import Json

DISCOVERY = "clusterctl.cluster.x-k8s.io"
MOVE = "clusterctl.cluster.x-k8s.io/move"
MOVE_HIERARCHY = "clusterctl.cluster.x-k8s.io/move-hierarchy"
PROVIDER = "cluster.x-k8s.io/provider"
CONTRACT = {"cluster.x-k8s.io/v1beta1": "v1beta1", "cluster.x-k8s.io/v1beta2": "v1beta2"}
SKIP_NAME_CHECK = {"clusterctl.cluster.x-k8s.io/skip-crd-name-preflight-check": ""}

Column = tuple[str, str]
"""Heading and JSON path of one column of `kubectl get`."""

PAUSED_COLUMN = ("Paused", '.status.conditions[?(@.type=="Paused")].status')
CLUSTER_COLUMN = ("Cluster", ".metadata.labels.cluster\\.x-k8s\\.io/cluster-name")


@dataclass(frozen=True)
class Definition:
    """One kind: `versions` in order, the last one is stored; `names` are the short ones."""

    kind: str
    plural: str
    versions: tuple[str, ...]
    names: tuple[str, ...] = ()
    extra_labels: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    scale: bool = False
    status: bool = True


BETAS = ("v1beta1", "v1beta2")
ALPHA = ("v1alpha1",)


def _spellings(*words: str) -> tuple[str, ...]:
    """The short names CAPM3 and IPAM give: `m3m`, `m3machine`, `m3machines`, `metal3m`, `metal3machine`."""
    short, word = words
    return f"m3{short}", f"m3{word}", f"m3{word}s", f"metal3{short}", f"metal3{word}"


CORE = (
    Definition("Cluster", "clusters", BETAS, ("cl",), columns=(("Phase", ".status.phase"), PAUSED_COLUMN)),
    Definition(
        "Machine",
        "machines",
        BETAS,
        ("ma",),
        columns=(("Node", ".status.nodeRef.name"), ("ProviderID", ".spec.providerID"), ("Phase", ".status.phase")),
    ),
    Definition("MachineSet", "machinesets", BETAS, ("ms",), scale=True, columns=(("Replicas", ".status.replicas"),)),
    Definition("MachineDeployment", "machinedeployments", BETAS, ("md",), scale=True, columns=(("Phase", ".status.phase"),)),
    Definition("MachineHealthCheck", "machinehealthchecks", BETAS, ("mhc", "mhcs")),
    Definition("MachinePool", "machinepools", BETAS, ("mp",), scale=True),
    Definition("MachineDrainRule", "machinedrainrules", BETAS, status=False),
    Definition("ClusterClass", "clusterclasses", BETAS, ("cc",)),
)
ADDONS = (
    Definition("ClusterResourceSet", "clusterresourcesets", BETAS),
    Definition("ClusterResourceSetBinding", "clusterresourcesetbindings", BETAS, status=False),
)
RUNTIME = (Definition("ExtensionConfig", "extensionconfigs", ("v1alpha1", "v1beta2"), ("ext",)),)
CAPI_IPAM = (
    Definition("IPAddressClaim", "ipaddressclaims", ("v1alpha1", "v1beta1", "v1beta2")),
    Definition("IPAddress", "ipaddresses", ("v1alpha1", "v1beta1", "v1beta2"), status=False),
)
INFRASTRUCTURE = (
    Definition("Metal3Cluster", "metal3clusters", BETAS, ("m3c", "m3cluster", "m3clusters", "metal3c", "metal3cluster")),
    Definition("Metal3ClusterTemplate", "metal3clustertemplates", BETAS, ("m3ct",), status=False),
    Definition(
        "Metal3Machine",
        "metal3machines",
        BETAS,
        _spellings("m", "machine"),
        columns=(("ProviderID", ".spec.providerID"), ("Ready", ".status.initialization.provisioned"), CLUSTER_COLUMN),
    ),
    Definition("Metal3MachineTemplate", "metal3machinetemplates", BETAS, _spellings("mt", "machinetemplate"), status=False),
    Definition("Metal3DataTemplate", "metal3datatemplates", BETAS, _spellings("dt", "datatemplate"), (MOVE,)),
    Definition("Metal3DataClaim", "metal3dataclaims", BETAS, _spellings("dc", "dataclaim")),
    Definition("Metal3Data", "metal3datas", BETAS, _spellings("d", "data")),
    Definition("Metal3Remediation", "metal3remediations", BETAS, ("m3r", "m3remediation")),
    Definition("Metal3RemediationTemplate", "metal3remediationtemplates", BETAS, ("m3rt", "m3remediationtemplate")),
)
IPAM = (
    Definition("IPPool", "ippools", ALPHA, ("ipp", "ippool", "m3ipp", "m3ippool", "m3ippools", "metal3ipp")),
    Definition("IPClaim", "ipclaims", ALPHA, ("ipc", "ipclaim", "m3ipc", "m3ipclaim", "m3ipclaims", "metal3ipc")),
    Definition("IPAddress", "ipaddresses", ALPHA, ("ipa", "m3ipa", "m3ipaddress", "m3ipaddresses", "metal3ipa"), status=False),
)
BARE_METAL = (
    Definition(
        "BareMetalHost",
        "baremetalhosts",
        ALPHA,
        ("bmh", "bmhost"),
        (DISCOVERY, MOVE, MOVE_HIERARCHY),
        columns=(
            ("State", ".status.provisioning.state"),
            ("Consumer", ".spec.consumerRef.name"),
            ("Online", ".spec.online"),
            ("Error", ".status.errorType"),
        ),
    ),
    Definition("HardwareData", "hardwaredata", ALPHA, ("hd",), (DISCOVERY, MOVE), status=False),
    Definition("HostFirmwareSettings", "hostfirmwaresettings", ALPHA, ("hfs",)),
    Definition("HostFirmwareComponents", "hostfirmwarecomponents", ALPHA),
    Definition("FirmwareSchema", "firmwareschemas", ALPHA, status=False),
    Definition("HostUpdatePolicy", "hostupdatepolicies", ALPHA, status=False),
    Definition("PreprovisioningImage", "preprovisioningimages", ALPHA, ("ppimg",)),
    Definition("DataImage", "dataimages", ALPHA),
    Definition("BMCEventSubscription", "bmceventsubscriptions", ALPHA, ("bes", "bmcevent")),
    Definition("HostClaim", "hostclaims", ALPHA),
    Definition("HostDeployPolicy", "hostdeploypolicies", ALPHA),
    Definition("HostNetworkAttachment", "hostnetworkattachments", ALPHA),
    Definition("BareMetalSwitch", "baremetalswitches", ALPHA, ("bms",)),
)
BOOTSTRAP = (
    Definition(
        "KubeadmConfig", "kubeadmconfigs", BETAS, columns=(("Data secret created", ".status.initialization.dataSecretCreated"),)
    ),
    Definition("KubeadmConfigTemplate", "kubeadmconfigtemplates", BETAS, status=False),
)
PLANES = (
    Definition(
        "KubeadmControlPlane",
        "kubeadmcontrolplanes",
        BETAS,
        ("kcp",),
        columns=(("Replicas", ".status.replicas"), ("Version", ".spec.version")),
        scale=True,
    ),
    Definition("KubeadmControlPlaneTemplate", "kubeadmcontrolplanetemplates", BETAS, status=False),
)
PROVIDERS = (Definition("Provider", "providers", ("v1alpha3",), status=False),)


def definitions(*, kubeadm: bool = False) -> list[Json]:
    """Every CRD of a management cluster, in a fixed order; with `kubeadm` those of its two providers too."""
    providers: tuple[tuple[str, tuple[Definition, ...], Json], ...] = (
        ("bootstrap.cluster.x-k8s.io", BOOTSTRAP, {PROVIDER: "bootstrap-kubeadm", DISCOVERY: "", **CONTRACT}),
        ("controlplane.cluster.x-k8s.io", PLANES, {PROVIDER: "control-plane-kubeadm", DISCOVERY: "", **CONTRACT}),
    )
    core = {PROVIDER: "cluster-api", DISCOVERY: ""}
    infrastructure = {PROVIDER: "infrastructure-metal3", DISCOVERY: "", **CONTRACT}
    groups: tuple[tuple[str, tuple[Definition, ...], Json], ...] = (
        ("cluster.x-k8s.io", CORE, core),
        ("addons.cluster.x-k8s.io", ADDONS, core),
        ("runtime.cluster.x-k8s.io", RUNTIME, core),
        ("ipam.cluster.x-k8s.io", CAPI_IPAM, core),
        *(providers if kubeadm else ()),
        ("infrastructure.cluster.x-k8s.io", INFRASTRUCTURE, infrastructure),
        ("ipam.metal3.io", IPAM, {PROVIDER: "ipam-metal3", DISCOVERY: ""}),
        ("metal3.io", BARE_METAL, {}),
        ("clusterctl.cluster.x-k8s.io", PROVIDERS, {"clusterctl.cluster.x-k8s.io/core": "inventory"}),
    )
    return [_definition(group, each, labels) for group, kinds, labels in groups for each in kinds]


def _definition(group: str, each: Definition, labels: Json) -> Json:
    labels = {**labels, **dict.fromkeys(each.extra_labels, "")}
    annotations = SKIP_NAME_CHECK if each.kind == "Metal3Data" else {}
    names = {"kind": each.kind, "listKind": f"{each.kind}List", "plural": each.plural, "singular": each.kind.lower()}
    categories = ["cluster-api"] if labels.get(PROVIDER) else []
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{each.plural}.{group}", "labels": labels, "annotations": annotations},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {**names, "shortNames": list(each.names), "categories": categories},
            "versions": [_version(each, version) for version in each.versions],
        },
    }


def _version(each: Definition, version: str) -> Json:
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    parts = {"spec": anything, "status": anything} if each.status else {}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": parts}}
    subresources: Json = {"status": {}} if each.status else {}
    if each.scale:
        subresources["scale"] = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    columns = [{"name": heading, "type": "string", "jsonPath": path} for heading, path in each.columns]
    age = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
    return {
        "name": version,
        "served": True,
        "storage": version == each.versions[-1],
        "schema": schema,
        "subresources": subresources,
        "additionalPrinterColumns": [*columns, age],
    }
