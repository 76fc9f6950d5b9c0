"""The emulated Ironic asks a BMC what the real one asked in recorded runs.

Every write in order, and between two writes the same kinds of reads.
"""

import json
import lzma
import re
from pathlib import Path

TRACES = Path(__file__).parents[2] / "recordings"

KINDS = (
    (r"/redfish/v1/?", "root"),
    (r".*/SessionService/Sessions", "sessions"),
    (r".*/(Systems|Managers|Chassis)/[^/]+", r"\1"),
    (r".*/VirtualMedia/[^/]+", "device"),
    (r".*/EthernetInterfaces/[^/]+", "interface"),
    (r".*/([^/]+)", r"\1"),
)


def kind(path):
    return next(match.expand(to) for pattern, to in KINDS if (match := re.fullmatch(pattern, path)))


def said(body):
    """What of a write's body matters: a reset type, a boot target and whether it is for once."""
    content = json.loads(body or "{}")
    boot = content.get("Boot", {})
    return (
        content.get("ResetType") or (boot.get("BootSourceOverrideTarget"), boot.get("BootSourceOverrideEnabled"))
        if content
        else None
    )


def spoken(requests):
    """[(reads since the write before, the write)] of (method, path, body); the reads after the last write belong to none."""
    lines, reads = [], set()
    for method, path, body in requests:
        if method == "GET":
            reads.add(kind(path))
        else:
            lines.append((sorted(reads), f"{method} {kind(path)}", None if "Sessions" in path or "Image" in body else said(body)))
            reads = set()
    return lines, sorted(reads)


def recorded(trace, host, client):
    with lzma.open(TRACES / trace / "bmc.jsonl.xz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    rows = [row for row in rows if row.get("host") == host and row["client"] == client]
    return spoken((row["method"], row["path"], row["body"]) for row in sorted(rows, key=lambda row: row["t0"]))


def emulated(bmc):
    return spoken((entry.method, entry.path, entry.body) for entry in bmc.machine.requests)


async def image(bmo, ident, images):
    values = {"image_source": images.url, "image_os_hash_value": images.checksum}
    operations = [{"op": "add", "path": f"/instance_info/{name}", "value": value} for name, value in values.items()]
    assert (await bmo.call("PATCH", f"/v1/nodes/{ident}", operations))[0] == 200


async def do(bmo, ident, *verbs):
    for verb in verbs:
        assert await bmo.provision(ident, verb) == 202
        node = await bmo.settled(ident)
        assert node["last_error"] is None


async def test_adoption_is_asked_as_in_good_pivots(bmo, bmc, server):
    ident = await bmo.enrol_and_manage(bmc)
    await do(bmo, ident, "adopt")
    for trace, host, client in (
        ("b-good-pivot", "host1", "ironic-target"),
        ("c-good-repivot", "host2", "ironic-source"),
        ("b-good-pivot", "host0", "ironic-target"),
    ):
        assert emulated(bmc) == recorded(trace, host, client)


async def test_a_lost_host_is_inspected_cleaned_and_deployed_as_recorded(bmo, bmc, server, images):
    ident = await bmo.enrol_and_manage(bmc)
    await do(bmo, ident, "inspect", "provide")
    await image(bmo, ident, images)
    await do(bmo, ident, "active")
    assert emulated(bmc)[0] == recorded("d-status-annotation-lost", "host1", "ironic-target")[0]


async def test_a_spare_is_inspected_and_powered_on_as_recorded(bmo, bmc, server):
    ident = await bmo.enrol_and_manage(bmc)
    await do(bmo, ident, "inspect")
    await bmo.call("PUT", f"/v1/nodes/{ident}/states/power", {"target": "power on"})
    await bmo.settled(ident)
    for trace, client in (("c-good-repivot", "ironic-source"), ("d-status-annotation-lost", "ironic-target")):
        assert emulated(bmc)[0] == recorded(trace, "host3", client)[0]


async def test_a_deprovisioned_host_is_torn_down_and_cleaned_as_recorded(bmo, bmc, server):
    ident = await bmo.enrol_and_manage(bmc)
    await do(bmo, ident, "adopt", "deleted")
    assert emulated(bmc)[0] == recorded("h-deprovision-after-repivot", "host1", "ironic-source")[0]


def test_another_order_would_be_noticed():
    good, bad = (
        ("GET", "/redfish/v1/Systems/1", ""),
        ("POST", "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset", '{"ResetType": "On"}'),
    )
    assert spoken([good, bad]) != spoken([bad, good])
    assert spoken([bad]) != spoken([("POST", bad[1], '{"ResetType": "ForceOff"}')])
