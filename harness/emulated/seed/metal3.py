"""Hosts as BMO leaves them: BareMetalHost, BMC secret, HardwareData, firmware objects."""

from bmc.redfish.personality import PERSONALITIES
from harness.emulated.controllers.bmo.firmware import SCHEMA, UNKNOWN_COMPONENT
from harness.emulated.kube.client import Json
from harness.emulated.kube.conditions import Condition
from harness.emulated.kube.resources import FIRMWARE_SETTINGS, HARDWARE_DATA, HOSTS
from harness.emulated.plan.plan import CLUSTER, BmcConfig, HostPlan
from harness.emulated.seed.parts import CLUSTER_LABEL, ENVIRONMENT_LABEL, Scene, encoded, owner

RECENT = ("conditions", "lastAttemptedImage", "provisioningFailCount")
"""Of a status, what not every operator knows; its webhook refuses to have it carried across."""


def host(scene: Scene, plan: HostPlan) -> Json:
    """The BareMetalHost without its status."""
    labels = {"role": plan.role, **({CLUSTER_LABEL: CLUSTER} if plan.claimed else {})}
    # A CAPM3 of the user's own puts it there if it knows it (from 1.14 on); from any other nobody would take it away.
    blocked = plan.claimed and not scene.plan.config.program("source", "capm3")
    annotations = {"clusterctl.cluster.x-k8s.io/block-move": ""} if blocked else {}
    spec: Json = {
        "architecture": "x86_64",
        "automatedCleaningMode": "metadata",
        "bmc": {"address": scene.bmc_addresses[plan.name], "credentialsName": f"{plan.name}-bmc"},
        "bootMACAddress": plan.mac,
        "bootMode": "UEFI",
        "online": True,
    }
    meta = scene.meta(plan.name, labels=labels, annotations=annotations, finalizers=["baremetalhost.metal3.io"])
    made = {"apiVersion": HOSTS.api_version, "kind": HOSTS.kind, "metadata": meta, "spec": spec}
    return {**made, "spec": {**spec, **_claim(scene, plan)}} if plan.claimed else made


def _claim(scene: Scene, plan: HostPlan) -> Json:
    names = {"userData": _boot_secret(plan), "metaData": f"{plan.machine}-metadata", "networkData": f"{plan.machine}-networkdata"}
    return {
        "consumerRef": {
            "apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2",
            "kind": "Metal3Machine",
            "name": plan.machine,
            "namespace": scene.namespace,
        },
        "image": scene.image.on_host(),
        **{field: {"name": name, "namespace": scene.namespace} for field, name in names.items()},
    }


def _boot_secret(plan: HostPlan) -> str:
    return f"{CLUSTER}-boot-{'cp' if plan.role == 'control-plane' else 'worker'}"


def host_status(scene: Scene, plan: HostPlan, generation: int, secret_version: str) -> Json:
    """The status that BMO would have written; `secret_version` is the BMC secret's resourceVersion."""
    credentials = {
        "credentials": {"name": f"{plan.name}-bmc", "namespace": scene.namespace},
        "credentialsVersion": secret_version,
    }
    provisioned = scene.image.on_host() if plan.claimed else {"url": ""}
    status: Json = {
        "conditions": _conditions(scene, plan, generation),
        "errorCount": 0,
        "errorMessage": "",
        "goodCredentials": credentials,
        "hardware": hardware(plan),
        "hardwareProfile": "unknown",
        "lastUpdated": scene.at(140),
        "operationHistory": {
            "deprovision": {"end": None, "start": None},
            "inspect": {"end": scene.at(85), "start": scene.at(71)},
            "provision": {"end": scene.at(139), "start": scene.at(109)} if plan.claimed else {"end": None, "start": None},
            "register": {"end": scene.at(106), "start": scene.at(106)},
        },
        "operationalStatus": "OK",
        "poweredOn": True,
        "provisioning": {
            "ID": plan.node_id,
            "bootMode": "UEFI",
            "image": provisioned,
            "rootDeviceHints": {"deviceName": "/dev/sda"},
            "state": "provisioned" if plan.claimed else "available",
        },
        "provisioningFailCount": 0,
        "triedCredentials": credentials,
    }
    if plan.claimed:
        status["lastAttemptedImage"] = scene.image.on_host()
    operator = scene.plan.config.program("source", "bmo")
    # By its own manifests the API server keeps only what it knows.
    unknown = RECENT if operator and not operator.manifests else ()
    return {name: value for name, value in status.items() if name not in unknown}


def _conditions(scene: Scene, plan: HostPlan, generation: int) -> list[Json]:
    done = Condition("Provisioned", "True", "Provisioned")
    spare = Condition("Provisioned", "False", "NotProvisioned")
    said = (
        (Condition("Ready", "True", "Provisioned") if plan.claimed else Condition("Ready", "False", "NotProvisioned"), 139),
        (
            Condition("AvailableForProvisioning", "False", "NotAvailable")
            if plan.claimed
            else Condition("AvailableForProvisioning", "True", "Available"),
            109,
        ),
        (Condition("Healthy", "True", "Healthy"), 125),
        (Condition("Manageable", "True", "Manageable"), 71),
        (Condition("Progressing", "False", "NotProgressing"), 139),
        (done if plan.claimed else spare, 139),
    )
    return [scene.condition(condition, generation, seconds) for condition, seconds in said]


def hardware(plan: HostPlan) -> Json:
    """What inspection found."""
    return {
        "cpu": {"arch": "x86_64", "clockMegahertz": 2100, "count": 2, "flags": ["fpu"], "model": "lab"},
        "firmware": {"bios": {}},
        "hostname": plan.name,
        "nics": [{"ip": plan.address, "mac": plan.mac, "model": "0x1af4 0x0001", "name": "enp1s0", "pxe": True}],
        "ramMebibytes": 4096,
        "storage": [
            {
                "alternateNames": ["/dev/sda"],
                "model": "LAB",
                "name": "/dev/sda",
                "serialNumber": "1",
                "sizeBytes": 50_000_000_000,
                "type": "SSD",
            }
        ],
        "systemVendor": {"manufacturer": "lab", "productName": "lab", "serialNumber": plan.uuid},
    }


def bmc_secret(scene: Scene, plan: HostPlan, of_host: Json) -> Json:
    """The credentials, owned and guarded by BMO."""
    labels = {**ENVIRONMENT_LABEL, **({CLUSTER_LABEL: CLUSTER} if plan.claimed else {})}
    finalizers = ["baremetalhost.metal3.io/secret"]
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": scene.meta(f"{plan.name}-bmc", labels=labels, owners=[owner(HOSTS, of_host)], finalizers=finalizers),
        "type": "Opaque",
        "data": encoded({"username": plan.username, "password": plan.password}),
    }


def hardware_data(scene: Scene, plan: HostPlan, of_host: Json) -> Json:
    """The HardwareData."""
    owners = [owner(HOSTS, of_host, controller=True, block=True)]
    meta = scene.meta(plan.name, owners=owners, finalizers=["baremetalhost.metal3.io/hardwareData"])
    return {
        "apiVersion": HARDWARE_DATA.api_version,
        "kind": HARDWARE_DATA.kind,
        "metadata": meta,
        "spec": {"hardware": hardware(plan)},
    }


def firmware_settings(scene: Scene, plan: HostPlan, of_host: Json) -> tuple[Json, Json]:
    """The HostFirmwareSettings and its status."""
    meta = scene.meta(plan.name, owners=[owner(HOSTS, of_host)])
    made = {"apiVersion": HOSTS.api_version, "kind": "HostFirmwareSettings", "metadata": meta, "spec": {"settings": {}}}
    schema = {"name": SCHEMA, "namespace": scene.namespace}
    return made, {**_settled(scene, "Success"), "schema": schema, "settings": {}}


def firmware_components(scene: Scene, plan: HostPlan, of_host: Json) -> tuple[Json, Json]:
    """The HostFirmwareComponents and its status."""
    meta = scene.meta(plan.name, owners=[owner(HOSTS, of_host)])
    made = {"apiVersion": HOSTS.api_version, "kind": "HostFirmwareComponents", "metadata": meta, "spec": {"updates": []}}
    version = bmc_firmware(scene.plan.config.bmc)
    found = [{"component": "bmc", "currentVersion": version, "initialVersion": version}]
    return made, {**_settled(scene, "OK"), "components": found}


def bmc_firmware(bmc: BmcConfig) -> str:
    """The version that Ironic reads of such a BMC; where it reads none, what the Baremetal Operator puts in its place."""
    unread = bmc.protocol == "ipmi" or bmc.kind == "sushy-emulator"
    return UNKNOWN_COMPONENT["currentVersion"] if unread else PERSONALITIES[bmc.personality].firmware


def _settled(scene: Scene, reason: str) -> Json:
    said = (Condition("Valid", "True", reason), Condition("ChangeDetected", "False", reason))
    return {"conditions": [scene.condition(each, 1, 71) for each in said], "lastUpdated": scene.at(71)}


def firmware_schema(scene: Scene, settings: list[Json]) -> Json:
    """The one FirmwareSchema, owned by every HostFirmwareSettings that uses it."""
    meta = scene.meta(SCHEMA, owners=[owner(FIRMWARE_SETTINGS, each) for each in settings])
    return {"apiVersion": HOSTS.api_version, "kind": "FirmwareSchema", "metadata": meta, "spec": {"schema": {}}}
