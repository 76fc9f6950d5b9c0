"""The System's Processors, as an inspection over Redfish wants to see them."""

from functools import partial

from bmc.redfish.service.metadata import typed
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.resources import ENABLED, Body, RedfishResource, collection, links

COUNT = 2
CORES = 8
MODEL = "Emulated Processor"


def processors(where: Paths) -> dict[str, RedfishResource]:
    """The collection and its members, by path."""
    folder = where.processors
    members = {f"{folder}/CPU.{number}": number for number in range(1, COUNT + 1)}
    return {
        folder: RedfishResource(read=lambda: collection(folder, "Processor", links(members))),
        **{path: RedfishResource(read=partial(_processor, path, number)) for path, number in members.items()},
    }


def _processor(path: str, number: int) -> Body:
    return {
        "@odata.id": path,
        "@odata.type": typed("Processor"),
        "Id": f"CPU.{number}",
        "Name": f"Processor {number}",
        "Socket": f"CPU {number}",
        "ProcessorType": "CPU",
        "ProcessorArchitecture": "x86",
        "InstructionSet": "x86-64",
        "Model": MODEL,
        "MaxSpeedMHz": 2800,
        "TotalCores": CORES,
        "TotalThreads": 2 * CORES,
        "Status": ENABLED,
    }
