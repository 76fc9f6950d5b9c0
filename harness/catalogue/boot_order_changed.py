"""The order of boot devices is set to the default, or anew. Twin: a light or an asset tag is set."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.expected import fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "default order": Request("POST {system}/Actions/ComputerSystem.SetDefaultBootOrder", {}),
    "order by PATCH": Request("PATCH {system}", {"Boot": {"BootOrder": ["Boot0003", "Boot0001"]}}),
}

HARMLESS = {
    "light": Request("PATCH {system}", {"IndicatorLED": "Blinking"}, 204),
    "asset tag": Request("PATCH {system}", {"AssetTag": "rack 7"}, 204),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)

plant = requests.plant_of(FORMS, fails)
twin = requests.twin_of(HARMLESS)
