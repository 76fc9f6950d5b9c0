"""sushy-emulator's libvirt driver on libvirt's test hypervisor, and the servers behind it, which follow what it is told.

The hypervisor lives in sushy-emulator's own process (`test:///default`), for as long as a connection to it is open there. A domain's
reset leaves no trace there: its power was On, and is On. So sushy-emulator, whose configuration is Python, tells the lab of each
request that it has done.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bmc.machine import BootOverride, Machine

_RESET, _SYSTEMS = "/Actions/ComputerSystem.Reset", "/redfish/v1/Systems/"
_DOMAIN = """<domain type='test'>
  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <memory unit='MiB'>4096</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64'>hvm</type><boot dev='hd'/></os>
  <devices>
    <disk type='file' device='disk'><source file='/{name}.img'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
    <interface type='network'><mac address='{mac}'/><source network='default'/></interface>
  </devices>
</domain>
"""
_SETTINGS = """import libvirt
import requests
from flask import request
from sushy_tools.emulator.main import app

HYPERVISOR = libvirt.open("test:///default")
for domain in HYPERVISOR.listAllDomains():
    if domain.isActive():
        domain.destroy()
    domain.undefine()
for text, is_on in {domains!r}:
    domain = HYPERVISOR.defineXML(text)
    if is_on:
        domain.create()
SUSHY_EMULATOR_LIBVIRT_URI = "test:///default"
SUSHY_EMULATOR_STATE_DIR = {state!r}


@app.after_request
def tell(answer):
    if answer.status_code < 300 and request.method in ("POST", "PATCH"):
        requests.put({url!r}, json=dict(path=request.path, said=request.get_json(silent=True)), timeout=10)
    return answer
"""


def settings(machines: Mapping[str, Machine], directory: Path, url: str) -> str:
    """Its configuration: a domain for each machine, running where that is on, and `url` is told of what was done."""
    domains = [
        (_DOMAIN.format(name=escape(machine.name), uuid=machine.uuid, mac=machine.mac_addresses[0]), machine.power == "On")
        for machine in machines.values()
    ]
    return _SETTINGS.format(domains=domains, state=str(directory / "state"), url=url)


def follow(machines: Mapping[str, Machine], told: dict[str, Any]) -> None:
    """Let the machine (by UUID) of a request that was done do the same: a reset, or a boot override."""
    path, said = str(told["path"]), told["said"] or {}
    if not path.startswith(_SYSTEMS):
        return
    machine = machines[path.removeprefix(_SYSTEMS).partition("/")[0]]
    if path.endswith(_RESET):
        machine.reset(said["ResetType"])
    elif "BootSourceOverrideTarget" in said.get("Boot", {}):
        machine.set_boot(BootOverride(target=said["Boot"]["BootSourceOverrideTarget"], enabled="Continuous"))
