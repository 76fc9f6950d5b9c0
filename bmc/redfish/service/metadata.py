"""The OData metadata document: which schemas the service's resources follow (DSP0266 §8.4.1)."""

from functools import cache
from xml.etree import ElementTree as ET

_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_ROOT_VERSION = "v1_9_0"

VERSIONS = {
    "ServiceRoot": _ROOT_VERSION,
    "Chassis": "v1_14_0",
    "Manager": "v1_9_0",
    "Processor": "v1_10_0",
    "EthernetInterface": "v1_5_0",
    "SecureBoot": "v1_1_0",
    "Bios": "v1_2_0",
    "VirtualMedia": "v1_4_0",
    "LogService": "v1_2_0",
    "LogEntry": "v1_6_0",
    "SessionService": "v1_1_0",
    "Session": "v1_4_0",
    "AccountService": "v1_7_0",
    "ManagerAccount": "v1_6_0",
    "Role": "v1_3_0",
    "UpdateService": "v1_8_0",
    "TaskService": "v1_2_0",
    "Task": "v1_5_0",
    "EventService": "v1_7_0",
    "EventDestination": "v1_10_0",
    "Event": "v1_7_0",
    "Message": "v1_2_0",
}
_COLLECTIONS = (
    "ComputerSystem",
    "Chassis",
    "Manager",
    "Processor",
    "EthernetInterface",
    "VirtualMedia",
    "LogService",
    "LogEntry",
    "Session",
    "ManagerAccount",
    "Role",
    "SoftwareInventory",
    "Task",
    "EventDestination",
)


def typed(kind: str) -> str:
    """The `@odata.type` of a kind of resource, in the version that is used here."""
    return f"#{kind}.{VERSIONS[kind]}.{kind}"


@cache
def document(system_version: str) -> bytes:
    """The `$metadata` document, XML, for a service whose ComputerSystem has this version."""
    edmx = ET.Element("edmx:Edmx", {"xmlns:edmx": _EDMX, "Version": "4.0"})
    for kind, version in {**VERSIONS, "ComputerSystem": system_version}.items():
        _reference(edmx, kind, kind, f"{kind}.{version}")
    for kind in _COLLECTIONS:
        _reference(edmx, f"{kind}Collection", f"{kind}Collection")
    services = ET.SubElement(edmx, "edmx:DataServices")
    schema = ET.SubElement(services, "Schema", {"xmlns": _EDM, "Namespace": "Service"})
    ET.SubElement(schema, "EntityContainer", {"Name": "Service", "Extends": f"ServiceRoot.{_ROOT_VERSION}.ServiceContainer"})
    written: bytes = ET.tostring(edmx, encoding="utf-8", xml_declaration=True)
    return written


def _reference(edmx: ET.Element, file: str, *namespaces: str) -> None:
    uri = f"http://redfish.dmtf.org/schemas/v1/{file}_v1.xml"
    reference = ET.SubElement(edmx, "edmx:Reference", {"Uri": uri})
    for namespace in namespaces:
        ET.SubElement(reference, "edmx:Include", {"Namespace": namespace})
