"""The infrastructure objects as CAPM3 and IPAM leave them: cluster, machines, data, claims, addresses."""

import json

from harness.emulated.kube.client import Json
from harness.emulated.kube.conditions import NOT_PAUSED, Condition
from harness.emulated.kube.resources import (
    CLUSTERS,
    INFRASTRUCTURE,
    IP_ADDRESSES,
    IP_CLAIMS,
    IP_POOLS,
    IPAM,
    MACHINES,
    METAL3_CLUSTERS,
    METAL3_DATA,
    METAL3_DATA_CLAIMS,
    METAL3_DATA_TEMPLATES,
    METAL3_MACHINE_TEMPLATES,
    METAL3_MACHINES,
    ResourceMapping,
)
from harness.emulated.plan.plan import CLUSTER, POOL, HostPlan
from harness.emulated.seed.capi import addresses
from harness.emulated.seed.parts import CLUSTER_LABEL, ENVIRONMENT_LABEL, Scene, encoded, machine_labels, owner

READY = Condition("Ready", "True", "Ready")
MACHINE_CONDITIONS = (
    READY,
    Condition("AssociateBareMetalHost", "True", "AssociateBareMetalHostSuccess"),
    Condition("AssociateMetal3MachineMetaData", "True", "AssociateMetal3MachineMetaDataSuccess"),
    Condition("Metal3DataReady", "True", "Metal3DataSecretsReady"),
    NOT_PAUSED,
)


def _made(resource: ResourceMapping, meta: Json, spec: Json) -> Json:
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": meta, "spec": spec}


def metal3_cluster(scene: Scene, of: Json) -> tuple[Json, Json]:
    """The Metal3Cluster and its status."""
    host, port = scene.workload_endpoint
    meta = scene.meta(
        CLUSTER,
        labels={CLUSTER_LABEL: CLUSTER},
        owners=[owner(CLUSTERS, of)],
        finalizers=[f"metal3cluster.{INFRASTRUCTURE}"],
    )
    conditions = (READY, Condition("BaremetalInfrastructureReady", "True", "Ready"), NOT_PAUSED)
    status = {
        "conditions": [scene.condition(said, 1, 8) for said in conditions],
        "initialization": {"provisioned": True},
        "lastUpdated": scene.at(8),
    }
    spec = {"cloudProviderEnabled": False, "controlPlaneEndpoint": {"host": host, "port": port}}
    return _made(METAL3_CLUSTERS, meta, spec), status


def machine_templates(scene: Scene, of: Json) -> list[Json]:
    """The Metal3MachineTemplate of the workers."""
    name = f"{CLUSTER}-worker"
    template = {"spec": _machine_spec(scene, "worker", name)}
    meta = scene.meta(name, owners=[owner(CLUSTERS, of)])
    return [_made(METAL3_MACHINE_TEMPLATES, meta, {"nodeReuse": False, "template": template})]


def _machine_spec(scene: Scene, role: str, template: str) -> Json:
    return {
        "automatedCleaningMode": "metadata",
        "dataTemplate": {"name": template},
        "hostSelector": {"matchLabels": {"role": role}},
        "image": scene.image.on_machine(),
    }


def data_templates(scene: Scene) -> list[tuple[Json, Json]]:
    """The Metal3DataTemplates and their indexes."""
    return [_data_template(scene, name) for name in (f"{CLUSTER}-cp", f"{CLUSTER}-worker")]


def _data_template(scene: Scene, name: str) -> tuple[Json, Json]:
    ethernet = {"id": "enp1s0", "macAddress": {"fromHostInterface": "enp1s0"}, "mtu": 1500, "type": "phy"}
    network = {"id": "provisioning", "ipAddressFromIPPool": POOL, "link": "enp1s0"}
    spec = {
        "clusterName": CLUSTER,
        "metaData": {
            "ipAddressesFromPool": [{"apiGroup": IPAM, "key": "provisioningIP", "kind": "IPPool", "name": POOL}],
            "objectNames": [{"key": "name", "object": "machine"}, {"key": "local-hostname", "object": "baremetalhost"}],
        },
        "networkData": {"links": {"ethernets": [ethernet]}, "networks": {"ipv4": [network]}},
    }
    meta = scene.meta(name, finalizers=[f"metal3datatemplate.{INFRASTRUCTURE}"])
    hosts = [host for host in scene.plan.claimed if host.template == name]
    status = {
        "indexes": [{"index": host.data_index, "name": host.machine} for host in hosts],
        "lastUpdated": scene.at(106),
    }
    return _made(METAL3_DATA_TEMPLATES, meta, spec), status


def machine(scene: Scene, plan: HostPlan, of: Json) -> tuple[Json, Json]:
    """The Metal3Machine and its status."""
    spec = _machine_spec(scene, plan.role, plan.template)
    spec["dataTemplate"] = {"name": plan.template, "namespace": scene.namespace}
    spec["providerID"] = f"metal3://{scene.namespace}/{plan.provider_id}"
    meta = scene.meta(
        plan.machine,
        labels=machine_labels(scene.plan, plan),
        owners=[owner(MACHINES, of, controller=True, block=True)],
        finalizers=[f"metal3machine.{INFRASTRUCTURE}"],
        annotations={"metal3.io/BareMetalHost": f"{scene.namespace}/{plan.name}", **(_cloned() if plan.role == "worker" else {})},
    )
    role = "cp" if plan.role == "control-plane" else "worker"
    names = {
        "metaData": f"{plan.machine}-metadata",
        "networkData": f"{plan.machine}-networkdata",
        "renderedData": plan.data,
        "userData": f"{CLUSTER}-boot-{role}",
    }
    status = {
        "addresses": addresses(plan),
        "conditions": [scene.condition(said, 1, 109) for said in MACHINE_CONDITIONS],
        "initialization": {"provisioned": True},
        "lastUpdated": scene.at(108),
        **{field: {"name": name, "namespace": scene.namespace} for field, name in names.items()},
    }
    return _made(METAL3_MACHINES, meta, spec), status


def _cloned() -> Json:
    kind = f"Metal3MachineTemplate.{INFRASTRUCTURE}"
    return {"cluster.x-k8s.io/cloned-from-groupkind": kind, "cluster.x-k8s.io/cloned-from-name": f"{CLUSTER}-worker"}


def claim(scene: Scene, plan: HostPlan, of: Json) -> tuple[Json, Json]:
    """The Metal3DataClaim and its status."""
    meta = scene.meta(
        plan.machine,
        labels=machine_labels(scene.plan, plan),
        owners=[owner(METAL3_MACHINES, of, controller=True)],
        finalizers=[f"metal3machine.{INFRASTRUCTURE}", f"metal3dataclaim.{INFRASTRUCTURE}"],
    )
    spec = {"template": {"name": plan.template, "namespace": scene.namespace}}
    return _made(METAL3_DATA_CLAIMS, meta, spec), {"renderedData": {"name": plan.data, "namespace": scene.namespace}}


def data(scene: Scene, plan: HostPlan, of: Json, metal3_machine: Json) -> tuple[Json, Json]:
    """The Metal3Data and its status."""
    meta = scene.meta(
        plan.data,
        labels=machine_labels(scene.plan, plan),
        owners=[owner(METAL3_DATA_CLAIMS, of, controller=True), owner(METAL3_MACHINES, metal3_machine)],
        finalizers=[f"metal3dataclaim.{INFRASTRUCTURE}", f"metal3data.{INFRASTRUCTURE}"],
    )
    names = {
        "claim": plan.machine,
        "metaData": f"{plan.machine}-metadata",
        "networkData": f"{plan.machine}-networkdata",
        "template": plan.template,
    }
    references = {field: {"name": name, "namespace": scene.namespace} for field, name in names.items()}
    return _made(METAL3_DATA, meta, {"index": plan.data_index, **references}), {"ready": True}


def rendered(scene: Scene, plan: HostPlan, of: Json) -> list[Json]:
    """The two secrets rendered from the templates."""
    provider = f"{scene.namespace}/{plan.provider_id}"
    metadata = {"local-hostname": plan.name, "name": plan.machine, "providerid": provider, "provisioningIP": plan.lease}
    link = {"id": "enp1s0", "type": "phy", "ethernet_mac_address": plan.mac, "mtu": 1500}
    address = {"id": "provisioning", "type": "ipv4", "link": "enp1s0", "ip_address": plan.lease, "netmask": "255.255.255.0"}
    contents = {"metaData": metadata, "networkData": {"links": [link], "networks": [address], "services": []}}
    kind = {"apiVersion": "v1", "kind": "Secret", "type": f"{INFRASTRUCTURE}/secret"}
    return [
        {
            **kind,
            "metadata": scene.meta(
                f"{plan.machine}-{key.lower()}",
                labels={CLUSTER_LABEL: CLUSTER, **ENVIRONMENT_LABEL},
                owners=[owner(METAL3_DATA, of, controller=True)],
            ),
            "data": encoded({key: json.dumps(content, sort_keys=True)}),
        }
        for key, content in contents.items()
    ]


def pool(scene: Scene, of: Json) -> tuple[Json, Json]:
    """The IPPool and its indexes."""
    meta = scene.meta(
        POOL,
        labels={CLUSTER_LABEL: CLUSTER, "cluster.x-k8s.io/provider": "ipam-metal3"},
        owners=[owner(CLUSTERS, of, controller=False)],
        finalizers=[f"ippool.{IPAM}"],
    )
    spec = {
        "allocationStrategy": "sequential",
        "clusterName": CLUSTER,
        "gateway": "172.23.0.1",
        "namePrefix": "provisioning",
        "pools": [{"start": "172.23.0.100", "end": "172.23.255.250"}],
        "prefix": 24,
    }
    indexes = {_claim_name(host): host.lease for host in scene.plan.claimed}
    return _made(IP_POOLS, meta, spec), {"indexes": indexes, "lastUpdated": scene.at(106)}


def _claim_name(plan: HostPlan) -> str:
    return f"{plan.data}-{POOL}"


def _address_name(plan: HostPlan) -> str:
    return f"provisioning-{plan.lease.replace('.', '-')}"


def ip_claim(scene: Scene, plan: HostPlan, of: Json) -> tuple[Json, Json]:
    """The IPClaim of one host and its status."""
    meta = scene.meta(
        _claim_name(plan),
        labels=machine_labels(scene.plan, plan),
        owners=[owner(METAL3_DATA, of, controller=True)],
        finalizers=[f"metal3data.{INFRASTRUCTURE}", f"ipclaim.{IPAM}"],
    )
    spec = {"pool": {"name": POOL, "namespace": scene.namespace}}
    return _made(IP_CLAIMS, meta, spec), {"address": {"name": _address_name(plan), "namespace": scene.namespace}}


def ip_address(scene: Scene, plan: HostPlan, of_pool: Json, of_claim: Json) -> Json:
    """The IPAddress of one host."""
    meta = scene.meta(
        _address_name(plan),
        labels=machine_labels(scene.plan, plan),
        owners=[owner(IP_POOLS, of_pool), owner(IP_CLAIMS, of_claim)],
        finalizers=[f"ipaddress.{IPAM}"],
    )
    spec = {
        "address": plan.lease,
        "claim": {"name": _claim_name(plan), "namespace": scene.namespace},
        "gateway": "172.23.0.1",
        "pool": {"name": POOL, "namespace": scene.namespace},
        "prefix": 24,
    }
    return _made(IP_ADDRESSES, meta, spec)
