"""What a condition may read, and what is known of it before anything was seen.

Of the hosts the members are known, so that a misspelt one is told before the run; one that only another release has is written
`host.status["newMember"]`. Of objects of upstream's other kinds their specs and statuses are known (`kinds`), of any other object what
every object has, and of facts everything.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from harness.files.conditions.types import ANY, BOOL, DOUBLE, INT, MAP, TEXT, ListOf, Struct, ValueType
from harness.journal.facts import AnyFact
from harness.verdict.promises.kinds import members_of_kinds, typed

REFERENCE = Struct(
    "a reference", dict.fromkeys(("apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid"), TEXT)
)
METADATA = Struct(
    "metadata",
    {
        **dict.fromkeys(("name", "generateName", "namespace", "uid", "resourceVersion", "creationTimestamp"), TEXT),
        **dict.fromkeys(("deletionTimestamp", "selfLink"), TEXT),
        **dict.fromkeys(("generation", "deletionGracePeriodSeconds"), INT),
        **dict.fromkeys(("labels", "annotations"), MAP),
        "finalizers": ListOf(TEXT),
        "ownerReferences": ListOf(ANY),
    },
)
IMAGE = Struct("an image", dict.fromkeys(("url", "checksum", "checksumType", "format", "ociAuthSecretName"), TEXT))
CUSTOM_DEPLOY = Struct("customDeploy", {"method": TEXT})
CREDENTIALS = Struct("credentials", {"credentials": REFERENCE, "credentialsVersion": TEXT})
CONDITIONS = ListOf(
    Struct(
        "a condition",
        {
            **dict.fromkeys(("type", "status", "reason", "message", "lastTransitionTime", "severity"), TEXT),
            "observedGeneration": INT,
        },
    )
)
HOST_SPEC = Struct(
    "`spec` of a BareMetalHost",
    {
        **dict.fromkeys(("online", "externallyProvisioned", "disablePowerOff"), BOOL),
        **dict.fromkeys(("architecture", "automatedCleaningMode", "bootMACAddress", "bootMode", "description"), TEXT),
        **dict.fromkeys(("hardwareProfile", "inspectionMode", "preprovisioningNetworkDataName"), TEXT),
        **dict.fromkeys(("firmware", "raid", "rootDeviceHints"), MAP),
        **dict.fromkeys(("taints", "networkInterfaces"), ListOf(ANY)),
        **dict.fromkeys(("consumerRef", "metaData", "networkData", "userData"), REFERENCE),
        "bmc": Struct("`bmc`", {"address": TEXT, "credentialsName": TEXT, "disableCertificateVerification": BOOL}),
        "customDeploy": CUSTOM_DEPLOY,
        "image": IMAGE,
    },
)
HOST_STATUS = Struct(
    "`status` of a BareMetalHost",
    {
        **dict.fromkeys(("operationalStatus", "errorType", "errorMessage", "hardwareProfile", "lastUpdated"), TEXT),
        **dict.fromkeys(("triedCredentials", "goodCredentials"), CREDENTIALS),
        "poweredOn": BOOL,
        **dict.fromkeys(("errorCount", "provisioningFailCount"), INT),
        "conditions": CONDITIONS,
        "hardware": MAP,
        "lastAttemptedImage": IMAGE,
        "operationHistory": Struct(
            "`operationHistory`",
            dict.fromkeys(
                ("register", "inspect", "provision", "deprovision"), Struct("an operation", {"start": TEXT, "end": TEXT})
            ),
        ),
        "provisioning": Struct(
            "`provisioning`",
            {
                **dict.fromkeys(("state", "ID", "bootMode"), TEXT),
                **dict.fromkeys(("firmware", "raid", "rootDeviceHints"), MAP),
                "customDeploy": CUSTOM_DEPLOY,
                "image": IMAGE,
            },
            open=True,
        ),
    },
)
HOST = Struct(
    "a BareMetalHost", {"apiVersion": TEXT, "kind": TEXT, "metadata": METADATA, "spec": HOST_SPEC, "status": HOST_STATUS}
)
NODE = Struct(
    "a Node",
    {
        **dict.fromkeys(("apiVersion", "kind"), TEXT),
        "metadata": METADATA,
        "spec": Struct("`spec` of a Node", {"providerID": TEXT, "unschedulable": BOOL, "taints": ListOf(ANY)}, open=True),
        "status": Struct(
            "`status` of a Node",
            {
                "conditions": CONDITIONS,
                "nodeInfo": Struct(
                    "`nodeInfo`",
                    dict.fromkeys(("bootID", "machineID", "systemUUID", "kernelVersion", "osImage", "kubeletVersion"), TEXT),
                    open=True,
                ),
            },
            open=True,
        ),
    },
)
IRONIC = Struct(
    "a node of Ironic (only these members are asked for)",
    {
        **dict.fromkeys(("uuid", "name", "provision_state", "target_provision_state", "power_state", "target_power_state"), TEXT),
        **dict.fromkeys(("fault", "last_error", "reservation", "boot_interface", "deploy_interface"), TEXT),
        **dict.fromkeys(("provision_updated_at", "inspection_finished_at"), TEXT),
        "maintenance": BOOL,
    },
)
OF_EVERY_OBJECT: Mapping[str, ValueType] = MappingProxyType({"apiVersion": TEXT, "kind": TEXT, "metadata": METADATA})
OBJECTS: Mapping[str, Struct] = MappingProxyType(
    {
        "BareMetalHost": HOST,
        "Node": NODE,
        "Secret": Struct("a Secret in the journal", {**OF_EVERY_OBJECT, "type": TEXT, "dataDigest": MAP, "immutable": BOOL}),
        "CustomResourceDefinition": Struct(
            "a CustomResourceDefinition in the journal",
            {**OF_EVERY_OBJECT, "spec": Struct("its `spec` there", {"group": TEXT, "names": MAP, "scope": TEXT})},
        ),
        "RKE2ControlPlane": Struct("an object whose files are secret, in the journal,", {**OF_EVERY_OBJECT, "status": ANY}),
    }
)
"""The kinds of which more is known, or less is kept: whatever may hold a secret never enters the journal."""
OF_ANY = Struct("an object", OF_EVERY_OBJECT, open=True)
OF_OTHERS = Struct(
    "an object of a kind that is not upstream's, in the journal,",
    {**OF_EVERY_OBJECT, "status": Struct("its `status` there", {"conditions": CONDITIONS, "phase": TEXT})},
)
OF_EVERY_ENTRY: Mapping[str, ValueType] = MappingProxyType({"seq": INT, "since": DOUBLE, "at": DOUBLE, "fact": TEXT})
"""What each entry of the journal has, whatever it tells."""


def variables(over: str, kind: str = "") -> dict[str, ValueType]:
    """The variables of a promise of this scope, with their types."""
    fact = Struct("a fact", {**OF_EVERY_ENTRY, **_all_members()})
    if over == "run":
        return {"fact": fact}
    if over == "kind":
        return {"object": object_of(kind), "fact": fact}
    return {"host": HOST, "before": HOST, "node": NODE, "ironic": IRONIC, "fact": fact}


def object_of(kind: str) -> Struct:
    """What is known of the objects of a kind; of whatever kind they are without one."""
    if not kind:
        return OF_ANY
    known = kind in members_of_kinds() and kind not in OBJECTS
    return typed(kind, OF_EVERY_OBJECT, CONDITIONS) if known else OBJECTS.get(kind, OF_OTHERS)


@cache
def members_of_facts() -> dict[str, dict[str, ValueType]]:
    """The name of each fact -> its members with their types."""
    return {
        it.__name__: {field.encode_name: _kind(field.type) for field in msgspec.structs.fields(it)} for it in get_args(AnyFact)
    }


def _all_members() -> dict[str, ValueType]:
    """The members that any fact has; of another type in another fact: whatever it is."""
    found: dict[str, ValueType] = {}
    for members in members_of_facts().values():
        for name, kind in members.items():
            found[name] = kind if found.get(name, kind) == kind else ANY
    return found


def _kind(annotation: Any) -> ValueType:
    """A type of Python as conditions know it."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        known = [it for it in parts if it is not NoneType]
        return _kind(known[0]) if len(known) == 1 else ANY
    if origin is Literal:
        return TEXT
    if origin is list:
        return ListOf(_kind(parts[0]))
    if hasattr(annotation, "__metadata__"):
        return _kind(annotation.__origin__)
    return {str: TEXT, int: INT, float: DOUBLE, bool: BOOL}.get(annotation, MAP)
