"""Secure Boot, its keys or its certificates are changed. Twin: they are read."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.expected import fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.BMC_ALLOW_LIST
FORMS = {
    "switched": Request("PATCH {system}/SecureBoot", {"SecureBootEnable": False}),
    "keys reset": Request("POST {system}/SecureBoot/Actions/SecureBoot.ResetKeys", {"ResetKeysType": "DeleteAllKeys"}),
    "certificate added": Request("POST {system}/SecureBoot/SecureBootDatabases/db/Certificates", {"CertificateString": "***"}),
    "certificate removed": Request("DELETE {system}/SecureBoot/SecureBootDatabases/db/Certificates/1"),
}

HARMLESS = {
    "read": Request("GET {system}/SecureBoot", None, 200),
}
VARIANTS = tuple(FORMS)
TWINS = tuple(HARMLESS)

plant = requests.plant_of(FORMS, fails)
twin = requests.twin_of(HARMLESS)
