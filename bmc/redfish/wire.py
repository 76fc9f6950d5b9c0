"""Names on the wire that the client and the emulated service share, and what an answer is by its own word."""

from typing import Any

ROOT = "/redfish/v1"
SYSTEMS = f"{ROOT}/Systems"
REQUESTS_LOG = "Requests"
"""Id of the LogService, under a Manager, that holds the requests made to the BMC."""

MESSAGE_FIELDS = ("address", "user_agent", "user", "method", "path", "status", "body")
"""What the `MessageArgs` of one entry of that log hold, in order; all are strings."""

SYSTEM = "ComputerSystem"
_OF_OTHERS = {
    "RedfishVersion": "ServiceRoot",
    "Members": "collection",
    "ManagerType": "Manager",
    "ChassisType": "Chassis",
}
"""Members by which a resource without a type is known to be no system."""


def utf8(data: bytes) -> bytes:
    """The same bytes where they are UTF-8, else with what is not replaced: one odd byte in an asset tag must not hide a server."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode(errors="replace").encode()
    return data


def linked(members: Any) -> list[str]:
    """The paths in a list of links, as a collection's `Members` is one; none of anything else."""
    found = [one.get("@odata.id") for one in members if isinstance(one, dict)] if isinstance(members, list) else []
    return [path for path in found if isinstance(path, str)]


def type_of(body: dict[str, Any]) -> str:
    """What a resource says it is: `ComputerSystem`, `ServiceRoot`, `ChassisCollection`; empty where nothing tells."""
    told = body.get("@odata.type")
    if isinstance(told, str) and told:
        return told.lstrip("#").partition(".")[0]
    return next((name for member, name in _OF_OTHERS.items() if member in body), "")


def no_system(path: str, body: dict[str, Any]) -> str:
    """What is wrong with reading this answer as a server's, in a sentence; empty where it is a ComputerSystem, or does not say."""
    found = type_of(body)
    return f"{path} is a {found} of this BMC, and no {SYSTEM}" if found not in ("", SYSTEM) else ""


def which_system(paths: list[str]) -> str:
    """What to write as the address, for a sentence: the systems that there are."""
    if not paths:
        return "the BMC names no system"
    if len(paths) == 1:
        return f"write {paths[0]} as the path of its address, or none"
    return f"the path of its address must be one of {', '.join(sorted(paths))}"
