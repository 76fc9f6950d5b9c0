"""The status of a BareMetalHost as BMO builds it: empty, restored, its conditions, its history. Pure.

Shapes and the order of conditions are those of recorded hosts (BMO 0.14).
"""

import msgspec

from harness.emulated.kube.client import Json
from harness.emulated.kube.conditions import Condition, set_condition
from harness.emulated.kube.times import timestamp

PAUSED = "baremetalhost.metal3.io/paused"
DETACHED = "baremetalhost.metal3.io/detached"
STATUS = "baremetalhost.metal3.io/status"
FINALIZER = "baremetalhost.metal3.io"
OPERATIONS = {
    "registering": "register",
    "inspecting": "inspect",
    "provisioning": "provision",
    "deprovisioning": "deprovision",
}
"""Which states have a begin and an end in `operationHistory`."""
PROGRESS = {
    "registering": "Registering",
    "inspecting": "Inspecting",
    "preparing": "Preparing",
    "provisioning": "Provisioning",
    "deprovisioning": "Deprovisioning",
    "powering off before delete": "PoweringOffBeforeDelete",
    "deleting": "Deleting",
}
AVAILABLE_STATES = ("available", "ready")
PROVISIONED_STATES = ("provisioned", "externally provisioned")


def empty() -> Json:
    """A status that nobody has written yet, with the fields that are always there."""
    return {
        "errorCount": 0,
        "errorMessage": "",
        "goodCredentials": {},
        "operationHistory": {name: {"end": None, "start": None} for name in ("deprovision", "inspect", "provision", "register")},
        "operationalStatus": "",
        "poweredOn": False,
        "provisioning": {"ID": "", "image": {"url": ""}, "state": ""},
        "provisioningFailCount": 0,
        "triedCredentials": {},
    }


def state_of(status: Json) -> str:
    """`provisioning.state`, empty for a host never seen."""
    state: str = status.get("provisioning", {}).get("state", "")
    return state


def is_detached(host: Json) -> bool:
    """Is it asked to be left alone with its server, in a state that allows it?"""
    allowed = (*PROVISIONED_STATES, *AVAILABLE_STATES)
    return DETACHED in (host["metadata"].get("annotations") or {}) and state_of(host["status"]) in allowed


def is_inspection_disabled(host: Json) -> bool:
    """By its spec, or by the annotation that older manifests have."""
    legacy = (host["metadata"].get("annotations") or {}).get("inspect.metal3.io")
    return "disabled" in (host["spec"].get("inspectionMode"), legacy)


def from_annotation(text: str | None, hardware: Json | None) -> Json | None:
    """The status that an annotation carries, with the hardware put back; None when there is none or it cannot be read."""
    try:
        carried = msgspec.json.decode(text or "")
    except msgspec.DecodeError:
        return None
    if not isinstance(carried, dict):
        return None
    status = empty() | carried
    if hardware is not None:
        status["hardware"] = hardware
    status.setdefault("lastUpdated", timestamp())
    return status


def begin(status: Json, state: str) -> None:
    """Note that the operation of `state` begins now, and has no end yet."""
    if operation := OPERATIONS.get(state):
        status["operationHistory"][operation] = {"end": None, "start": timestamp()}


def end(status: Json, state: str) -> None:
    """Note that the operation of `state` ends now, if it has begun and not ended."""
    history = status["operationHistory"].get(OPERATIONS.get(state, ""))
    if history and history.get("start") and not history.get("end"):
        history["end"] = timestamp()


def enter(status: Json, state: str) -> None:
    """Go to another provisioning state."""
    end(status, state_of(status))
    begin(status, state)
    status["provisioning"]["state"] = state


def clear_error(status: Json) -> bool:
    """Forget an error; was there one (or no verdict yet)?"""
    dirty = status.get("operationalStatus") != "OK" or bool(status.get("errorMessage")) or "errorType" in status
    status["operationalStatus"], status["errorMessage"] = "OK", ""
    status.pop("errorType", None)
    return dirty


def set_error(status: Json, type_: str, message: str) -> None:
    """Note an error, and that there was one more; BMO counts also the same one, each time."""
    status.update(operationalStatus="error", errorType=type_, errorMessage=message, errorCount=status.get("errorCount", 0) + 1)


def matches(credentials: Json, secret: Json) -> bool:
    """Are these (good or tried) credentials those of the Secret as it is now?"""
    meta = secret["metadata"]
    return credentials == used(meta["name"], meta["namespace"], meta["resourceVersion"])


def used(name: str, namespace: str, version: str) -> Json:
    """`goodCredentials`, `triedCredentials`: the Secret and its resourceVersion."""
    return {"credentials": {"name": name, "namespace": namespace}, "credentialsVersion": version}


def set_conditions(host: Json, *, healthy: bool | None) -> None:
    """Derive the conditions from the rest of the status; `healthy` None leaves what Ironic last said of it."""
    status, generation = host["status"], host["metadata"]["generation"]
    state = state_of(status)
    for said in (
        _ready(state),
        _available(state),
        *(_healthy(status, known=healthy) or ()),
        _manageable(status, state),
        _progressing(state),
        _provisioned(state),
    ):
        set_condition(status, said, generation)


def _ready(state: str) -> Condition:
    done = state in PROVISIONED_STATES
    return Condition("Ready", "True", "Provisioned") if done else Condition("Ready", "False", "NotProvisioned")


def _available(state: str) -> Condition:
    name = "AvailableForProvisioning"
    return Condition(name, "True", "Available") if state in AVAILABLE_STATES else Condition(name, "False", "NotAvailable")


def _healthy(status: Json, *, known: bool | None) -> list[Condition] | None:
    if known is not None:
        return [Condition("Healthy", "True", "Healthy") if known else Condition("Healthy", "False", "CriticalError")]
    has_one = any(condition["type"] == "Healthy" for condition in status.get("conditions", []))
    return None if has_one else [Condition("Healthy", "Unknown", "Unknown")]


def _manageable(status: Json, state: str) -> Condition:
    if state == "unmanaged":
        return Condition("Manageable", "False", "NotManaged")
    if state in ("", "registering") and status.get("operationalStatus") != "error":
        return Condition("Manageable", "False", "Registering")
    if status.get("errorType") in ("registration error", "provisioned registration error"):
        return Condition("Manageable", "False", "RegistrationFailed")
    return Condition("Manageable", "True", "Manageable")


def _progressing(state: str) -> Condition:
    reason = PROGRESS.get(state)
    return Condition("Progressing", "True", reason) if reason else Condition("Progressing", "False", "NotProgressing")


def _provisioned(state: str) -> Condition:
    done = state in PROVISIONED_STATES
    return Condition("Provisioned", "True", "Provisioned") if done else Condition("Provisioned", "False", "NotProvisioned")
