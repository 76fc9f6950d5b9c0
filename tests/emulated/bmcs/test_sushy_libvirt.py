"""The configuration of sushy-emulator's libvirt driver, run against a hypervisor that notes what is asked of it."""

import builtins
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from types import SimpleNamespace

from bmc.machine import Machine
from harness.emulated.bmcs import sushy_libvirt


class Hypervisor:
    """Domains by name, and whether each runs."""

    def __init__(self):
        self.running = {}

    def listAllDomains(self):  # noqa: N802 - libvirt's name
        return []

    def defineXML(self, text):  # noqa: N802 - libvirt's name
        name = ET.fromstring(text).findtext("name")
        self.running[name] = False
        return SimpleNamespace(create=lambda: self.running.update({name: True}))


def machine(number, power):
    mac = f"52:54:00:00:00:0{number}"
    uuid = f"00000000-0000-4000-8000-00000000000{number}"
    return Machine(name=f"node-{number}", uuid=uuid, clock=lambda: datetime.now(UTC), power=power, mac_addresses=(mac,))


def test_a_domain_runs_where_its_server_is_found_on(tmp_path):
    hypervisor = Hypervisor()
    app = SimpleNamespace(after_request=lambda function: function)
    modules = {
        "libvirt": SimpleNamespace(open=lambda _: hypervisor),
        "requests": None,
        "flask": SimpleNamespace(request=None),
        "sushy_tools.emulator.main": SimpleNamespace(app=app),
    }
    machines = {each.uuid: each for each in (machine(1, "On"), machine(2, "Off"))}

    handed = {**vars(builtins), "__import__": lambda name, *_: modules[name]}
    exec(sushy_libvirt.settings(machines, tmp_path, "http://told"), {"__builtins__": handed})

    assert hypervisor.running == {"node-1": True, "node-2": False}
