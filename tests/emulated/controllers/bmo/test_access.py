"""How the simulated BMO understands a host's BMC address (baremetal-operator, pkg/hardwareutils/bmc)."""

import pytest

from harness.emulated.controllers.bmo.access import access

LOGIN = {"username": "admin", "password": "s3cret"}


@pytest.mark.parametrize(
    ("address", "host", "port", "level"),
    [
        ("ipmi://10.0.0.13", "10.0.0.13", "623", "ADMINISTRATOR"),
        ("ipmi://10.0.0.13:6230", "10.0.0.13", "6230", "ADMINISTRATOR"),
        ("ipmi://10.0.0.13?privilegelevel=OPERATOR", "10.0.0.13", "623", "OPERATOR"),
        ("libvirt://10.0.0.13:6230", "10.0.0.13", "6230", "ADMINISTRATOR"),
        ("10.0.0.13", "10.0.0.13", "623", "ADMINISTRATOR"),
        ("ipmi://[fd00::13]", "fd00::13", "623", "ADMINISTRATOR"),
    ],
)
def test_an_ipmi_address_becomes_a_node_that_boots_from_the_network(address, host, port, level):
    assert access({"address": address}, LOGIN) == {
        "driver": "ipmi",
        "boot_interface": "ipxe",
        "raid_interface": "no-raid",
        "driver_info": {
            "ipmi_address": host,
            "ipmi_port": port,
            "ipmi_username": "admin",
            "ipmi_password": "s3cret",
            "ipmi_priv_level": level,
        },
    }


def test_certificates_that_are_not_verified_are_said_for_ipmi_too():
    found = access({"address": "ipmi://10.0.0.13", "disableCertificateVerification": True}, LOGIN)

    assert found["driver_info"]["ipmi_verify_ca"] is False


@pytest.mark.parametrize(
    ("scheme", "boot", "base"),
    [
        ("redfish", "ipxe", "https"),
        ("redfish+http", "ipxe", "http"),
        ("redfish-virtualmedia+http", "redfish-virtual-media", "http"),
    ],
)
def test_a_redfish_address_names_transport_and_boot_interface(scheme, boot, base):
    found = access({"address": f"{scheme}://10.0.0.13:8000/redfish/v1/Systems/1"}, LOGIN)

    assert (found["driver"], found["boot_interface"]) == ("redfish", boot)
    assert found["driver_info"]["redfish_address"] == f"{base}://10.0.0.13:8000"
    assert found["driver_info"]["redfish_system_id"] == "/redfish/v1/Systems/1"
    assert found["driver_info"]["redfish_verify_ca"] is True
