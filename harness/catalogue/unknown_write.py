"""A write to a path that nobody knows. Twin: the same path is read, or the write is refused."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.expected import not_passes
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "POST": Request("POST /redfish/v1/Oem/Acme/Turbo", {"Level": 9}),
    "PUT": Request("PUT /redfish/v1/Oem/Acme/Turbo", {"Level": 9}),
    "PATCH": Request("PATCH /redfish/v1/Chassis/1/Oem/Acme", {"Level": 9}),
    "DELETE": Request("DELETE /redfish/v1/Oem/Acme/Turbo"),
    "boot mode alone": Request("PATCH {system}", {"Boot": {"BootSourceOverrideMode": "Legacy"}}),
    "unreadable body": Request("PATCH {system}", '{"Boot": {"BootSourceOverr'),
}

HARMLESS = {
    "read": Request("GET /redfish/v1/Oem/Acme/Turbo", None, 200),
    "refused": Request("POST /redfish/v1/Oem/Acme/Turbo", {"Level": 9}, 405),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)

plant = requests.plant_of(FORMS, not_passes)
twin = requests.twin_of(HARMLESS)
