"""Somebody opens a line to the server's console, its keyboard or its media, or acts by a read. Twin: he is refused, or only reads."""

from harness.catalogue.planting.expected import not_passes
from harness.catalogue.planting.requests import Request, plant_of, twin_of
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "media": Request("GET /nbd/0", status=101),
    "console": Request("GET /console0", status=101),
    "keyboard": Request("GET /kvm/0", status=101),
    "set by a read": Request("GET /data?set=pwState:0", status=200),
    "dots": Request("GET /redfish/../cgi/power.cgi?op=off", status=200),
}
HARMLESS = {
    "refused": Request("GET /nbd/0", status=403),
    "page": Request("GET /console.html", status=200),
    "drive found": Request("PATCH {system}/Storage/1/Drives/2", {"LocationIndicatorActive": True}),
    "metrics": Request("POST /redfish/v1/TelemetryService/MetricReportDefinitions", {"Id": "temperatures"}, 201),
    "session": Request("PATCH /redfish/v1/SessionService", {"SessionTimeout": 1800}, 200),
}
VARIANTS, TWINS = tuple(FORMS), tuple(HARMLESS)
plant = plant_of(FORMS, not_passes)
twin = twin_of(HARMLESS)
