"""Nodes and ports of one Ironic: its database, which is empty at every start, and the provision state machine.

States, verbs and field names are Ironic's own (ironic/common/states.py, API reference); the paths through them are those of
recorded runs.
"""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jsonpatch

Body = dict[str, Any]

_REDFISH = {
    "bios_interface": "redfish",
    "boot_interface": "ipxe",
    "console_interface": "no-console",
    "deploy_interface": "autodetect",
    "firmware_interface": "redfish",
    "inspect_interface": "agent",
    "management_interface": "redfish",
    "network_interface": "noop",
    "power_interface": "redfish",
    "raid_interface": "redfish",
    "rescue_interface": "no-rescue",
    "storage_interface": "noop",
    "vendor_interface": "redfish",
}
_IPMI = _REDFISH | {
    "bios_interface": "no-bios",
    "firmware_interface": "no-firmware",
    "management_interface": "ipmitool",
    "power_interface": "ipmitool",
    "raid_interface": "no-raid",
    "vendor_interface": "ipmitool",
}
INTERFACES = {"redfish": _REDFISH, "ipmi": _IPMI}
"""Hardware types, and the interfaces that a node of each has unless somebody chooses others."""
SETTABLE: Body = {
    "automated_clean": None,
    "disable_power_off": False,
    "description": None,
    "driver": "redfish",
    "driver_info": {},
    "extra": {},
    "instance_info": {},
    "instance_uuid": None,
    "maintenance": False,
    "name": None,
    "owner": None,
    "properties": {},
    "protected": False,
    "resource_class": None,
}
"""Every field that a client may write besides the interfaces, with what it is when nobody did."""

KEPT: Body = {
    "clean_step": {},
    "deploy_step": {},
    "driver_internal_info": {},
    "fault": None,
    "inspection_finished_at": None,
    "inspection_started_at": None,
    "last_error": None,
    "maintenance_reason": None,
    "power_state": None,
    "provision_state": "enroll",
    "provision_updated_at": None,
    "reservation": None,
    "target_power_state": None,
    "target_provision_state": None,
    "updated_at": None,
}
"""Every field that only the conductor writes."""

SECRET_WORDS = ("password", "token", "secret")
MASK = "******"


class IronicFaultError(Exception):
    """A request that Ironic does not do; `status` is the HTTP status, the text is its fault string."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Transition(NamedTuple):
    """Where a verb leads: through `during` (None: at once) to `target`; `failed` is where it ends when it does not."""

    during: str | None
    target: str
    failed: str


_VERIFY = Transition("verifying", "manageable", "enroll")
_MANAGE = Transition(None, "manageable", "manageable")
_INSPECT = Transition("inspecting", "manageable", "inspect failed")
_ADOPT = Transition("adopting", "active", "adopt failed")
_PROVIDE = Transition("cleaning", "available", "clean failed")
_CLEAN = Transition("cleaning", "manageable", "clean failed")
_DEPLOY = Transition("deploying", "active", "deploy failed")
_DELETE = Transition("deleting", "available", "error")

VERBS: dict[str, dict[str, Transition]] = {
    "manage": {"enroll": _VERIFY} | dict.fromkeys(("available", "adopt failed", "inspect failed", "clean failed"), _MANAGE),
    "inspect": dict.fromkeys(("manageable", "inspect failed"), _INSPECT),
    "adopt": dict.fromkeys(("manageable", "adopt failed"), _ADOPT),
    "provide": {"manageable": _PROVIDE},
    "clean": {"manageable": _CLEAN},
    "active": dict.fromkeys(("available", "deploy failed"), _DEPLOY),
    "rebuild": dict.fromkeys(("active", "deploy failed", "error"), _DEPLOY),
    "deleted": dict.fromkeys(("active", "deploy failed", "wait call-back", "error"), _DELETE),
    "abort": {
        "inspect wait": Transition(None, "inspect failed", "inspect failed"),
        "clean wait": Transition(None, "clean failed", "clean failed"),
    },
}
DELETABLE = frozenset({"available", "manageable", "enroll", "adopt failed", "inspect failed", "clean failed", "error"})


def now() -> str:
    """The time as Ironic writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class BaremetalNode:
    """One node: `body` is Ironic's JSON of it; the rest is what else the conductor remembers."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.bios: list[Body] = []
        self.firmware: list[Body] = []
        self.inventory: Body | None = None
        self.configdrive: Any = None
        self.agent_token = ""
        self.agent_knows_token = False
        self.sync_failures = 0

    @property
    def uuid(self) -> str:
        """The id that this Ironic gave."""
        return str(self.body["uuid"])

    @property
    def name(self) -> str:
        """`namespace~name` as BMO calls its nodes; the uuid where it has none."""
        return str(self.body["name"] or self.uuid)

    @property
    def state(self) -> str:
        """The provision state."""
        return str(self.body["provision_state"])

    def move(self, state: str, target: str | None) -> None:
        """Go to a provision state."""
        self.body.update(provision_state=state, target_provision_state=target, provision_updated_at=now(), updated_at=now())

    def transition(self, verb: str) -> Transition:
        """Where the verb leads from here; IronicFaultError (400) where it leads nowhere."""
        if verb not in VERBS:
            raise IronicFaultError(400, f'The requested action "{verb}" is unknown.')
        found = VERBS[verb].get(self.state)
        if found is None:
            raise IronicFaultError(
                400,
                f'The requested action "{verb}" can not be performed on node "{self.uuid}" while it is in state "{self.state}".',
            )
        return found

    def check_free(self) -> None:
        """IronicFaultError (409) while the conductor holds the node."""
        holder = self.body["reservation"]
        if holder:
            raise IronicFaultError(
                409, f"Node {self.uuid} is locked by host {holder}, please retry after the current operation is completed."
            )

    def patch(self, operations: list[Body]) -> None:
        """Apply a JSON patch (RFC 6902) to what a client may write; IronicFaultError (400) where it does not fit."""
        self.check_free()
        defaults = SETTABLE | INTERFACES[self.body["driver"]]
        writable = {name: self.body[name] for name in defaults}
        try:
            patched = jsonpatch.apply_patch(writable, operations)
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError) as error:
            raise IronicFaultError(400, f"Couldn't apply patch '{operations}'. Reason: {error}") from error
        unknown = set(patched) - set(defaults)
        if unknown:
            raise IronicFaultError(400, f"Attribute(s) {sorted(unknown)} can not be changed")
        self.body.update({name: patched.get(name, default) for name, default in defaults.items()}, updated_at=now())

    def shown(self, fields: list[str] | None = None) -> Body:
        """The node as the API shows it, secrets masked; IronicFaultError (400) for a field that is none."""
        whole = {
            **self.body,
            "driver_info": masked(self.body["driver_info"]),
            "instance_info": masked(self.body["instance_info"]),
        }
        if fields is None:
            return whole
        unknown = [field for field in fields if field not in whole]
        if unknown:
            raise IronicFaultError(400, f'Field(s) "{", ".join(unknown)}" are not valid.')
        return {field: whole[field] for field in fields}


def masked(info: Body) -> Body:
    """The same without secrets."""
    return {key: MASK if any(word in key for word in SECRET_WORDS) else value for key, value in info.items()}


class Database:
    """All nodes and ports of one Ironic; what it makes up is the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)  # noqa: S311  # names of a test lab, the same at every run, are the point
        self.nodes: dict[str, BaremetalNode] = {}
        self.ports: dict[str, Body] = {}

    def __iter__(self) -> Iterator[BaremetalNode]:
        return iter(list(self.nodes.values()))

    def new_uuid(self) -> str:
        """The next id."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def find(self, ident: str) -> BaremetalNode:
        """By uuid or name; IronicFaultError (404) where there is none."""
        node = self.nodes.get(ident) or next((node for node in self if node.body["name"] == ident), None)
        if node is None:
            raise IronicFaultError(404, f"Node {ident} could not be found.")
        return node

    def create(self, wanted: Body) -> BaremetalNode:
        """Enrol a node; IronicFaultError (400, 409) as Ironic does."""
        interfaces = INTERFACES.get(str(wanted.get("driver")))
        if interfaces is None:
            raise IronicFaultError(400, f"Could not find the following driver(s) or hardware type(s): {wanted.get('driver')}.")
        given = {name: value for name, value in wanted.items() if name in SETTABLE or name in interfaces}
        name = given.get("name")
        if name and any(node.body["name"] == name for node in self):
            raise IronicFaultError(409, f"A node with name {name} already exists.")
        ident = wanted.get("uuid") or self.new_uuid()
        fresh = {**SETTABLE, **interfaces, **KEPT, "driver_info": {}, "extra": {}, "instance_info": {}, "properties": {}}
        body = {"uuid": ident, **fresh, "created_at": now(), **given, "links": [{"rel": "self", "href": f"/v1/nodes/{ident}"}]}
        self.nodes[ident] = node = BaremetalNode(body)
        return node

    def delete(self, node: BaremetalNode) -> None:
        """Forget a node and its ports; IronicFaultError (400) where its state forbids it."""
        if node.state not in DELETABLE and not node.body["maintenance"]:
            raise IronicFaultError(400, f'Can not delete node "{node.uuid}" while it is in provision state "{node.state}".')
        del self.nodes[node.uuid]
        self.ports = {ident: port for ident, port in self.ports.items() if port["node_uuid"] != node.uuid}

    def add_port(self, wanted: Body) -> Body:
        """A port of a node; IronicFaultError (409) where its MAC address is known already."""
        node, address = self.find(str(wanted.get("node_uuid", ""))), str(wanted.get("address", "")).lower()
        if self.ports_with([address]):
            raise IronicFaultError(409, f"A port with MAC address {address} already exists.")
        ident = wanted.get("uuid") or self.new_uuid()
        port = {
            "uuid": ident,
            "address": address,
            "node_uuid": node.uuid,
            "pxe_enabled": wanted.get("pxe_enabled", True),
            "extra": wanted.get("extra", {}),
            "internal_info": {},
            "local_link_connection": {},
            "physical_network": wanted.get("physical_network"),
            "created_at": now(),
            "links": [{"rel": "self", "href": f"/v1/ports/{ident}"}],
        }
        self.ports[ident] = port
        return port

    def ports_with(self, addresses: list[str]) -> list[Body]:
        """The ports with one of these MAC addresses."""
        wanted = {address.lower() for address in addresses}
        return [port for port in self.ports.values() if port["address"] in wanted]

    def ports_of(self, node: BaremetalNode) -> list[Body]:
        """A node's ports."""
        return [port for port in self.ports.values() if port["node_uuid"] == node.uuid]

    def preload(self, wanted: Body) -> BaremetalNode:
        """Add a node in an arbitrary state: any field may be given, and `ports` as MAC addresses."""
        rest = {name: value for name, value in wanted.items() if name not in {"ports", "inventory", "firmware", "bios"}}
        node = self.create({"driver": "redfish", **rest})
        node.body.update(rest)
        node.inventory, node.firmware, node.bios = wanted.get("inventory"), wanted.get("firmware", []), wanted.get("bios", [])
        for address in wanted.get("ports", []):
            self.add_port({"node_uuid": node.uuid, "address": address})
        return node
