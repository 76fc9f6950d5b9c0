"""pyghmi's own client, as Ironic's users of it write it, in a process of its own: one power story; what it saw, as JSON."""

import json
import os
import sys

from pyghmi.ipmi.command import Command


def main(port: int) -> None:
    bmc = Command("127.0.0.1", os.environ["BMC_USER"].encode(), os.environ["BMC_PASSWORD"].encode(), port=port)
    seen = {
        "power": bmc.get_power()["powerstate"],
        "off": bmc.set_power("off", wait=5),
        "on": bmc.set_power("on", wait=5),
        "reset": bmc.set_power("reset"),
        "shutdown": bmc.set_power("shutdown", wait=5),
        "boot": bmc.set_power("boot", wait=5),
        "bootdev": [],
        "events": [],
    }
    for device, persist, uefi in (
        ("network", False, True),
        ("hd", True, False),
        ("optical", False, True),
        ("default", False, False),
    ):
        bmc.set_bootdev(device, persist=persist, uefiboot=uefi)
        seen["bootdev"].append(bmc.get_bootdev())
    seen["events"] = [[event["component_type"], event["event"]] for event in bmc.get_event_log(clear=True)]
    seen["cleared"] = list(bmc.get_event_log())
    seen["guid"] = bmc.xraw_command(netfn=6, command=0x37)["data"].hex()
    seen["cause"] = bmc.xraw_command(netfn=0, command=7)["data"].hex()
    bmc.ipmi_session.logout()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(int(sys.argv[1]))
