"""Real vendors' answers, served as they were recorded: read without error, and never believed too far."""

import json
from pathlib import Path

import pytest
from aiohttp import web

from bmc import witness
from bmc.redfish.observe import RedfishObserver
from tests.bmc.serving import served

DUMPS = Path(__file__).parents[4] / "shared" / "vendor-dumps"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DUMPS.is_dir(), reason="../shared/vendor-dumps is not there"),
]


def bmc_of(vendor: str) -> web.Application:
    async def answer(request):
        path = request.path.removeprefix("/redfish/v1").strip("/")
        file = DUMPS / vendor / path / "index.json"
        return web.json_response(json.loads(file.read_text())) if file.is_file() else web.json_response({}, status=404)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    return app


@pytest.mark.parametrize(
    ("vendor", "system", "family", "evidence"),
    [
        ("dell", "System.Embedded.1", "dell", {"LastResetTime": "2024-06-11T00:14:47-05:00"}),
        ("dell_multi_dpu", "System.Embedded.1", "dell", {}),
        ("hpe", "1", "hpe", {"Hpe.CurrentPowerOnTimeSeconds": "3731346"}),
        ("lenovo", "1", "lenovo", {"Lenovo.NumberOfReboots": "16"}),
        ("supermicro", "1", "supermicro", {}),
        ("nvidia_gb200", "System_0", "openbmc", {"LastResetTime.ColdOnly": "2025-01-06T04:52:19+00:00"}),
        ("nvidia_gb200", "HGX_Baseboard_0", "openbmc", {}),
        ("nvidia_viking", "DGX", "ami", {"LastResetTime.ColdOnly": "2024-07-02T02:40:43+00:00"}),
        ("nvidia_viking", "HGX_Baseboard_0", "openbmc", {}),
    ],
)
async def test_a_vendors_bmc_is_read(vendor, system, family, evidence):
    async with (
        served(bmc_of(vendor)) as port,
        RedfishObserver(f"redfish+http://127.0.0.1:{port}/redfish/v1/Systems/{system}", None) as observer,
    ):
        reading = await observer.read()
        offers_requests = await observer.begin_requests()

    assert (reading.power, reading.family) == ("On", family)
    assert {name: value for name, value in reading.signals.items() if witness.latches(name)} == evidence
    assert reading.bmc_time.startswith("20")
    assert not any(value.startswith(("1970", "0000")) for value in reading.signals.values())
    assert not offers_requests
