"""The grammar of BMC addresses."""

import pytest

from bmc.address import parse_address
from bmc.errors import BmcError


@pytest.mark.parametrize(
    ("text", "driver", "base", "system"),
    [
        ("redfish://10.0.0.13/redfish/v1/Systems/1", "redfish", "https://10.0.0.13", "/redfish/v1/Systems/1"),
        ("redfish+http://10.0.0.13:8000/redfish/v1/Systems/1/", "redfish", "http://10.0.0.13:8000", "/redfish/v1/Systems/1"),
        ("redfish+https://bmc.lab:8443", "redfish", "https://bmc.lab:8443", ""),
        ("redfish-virtualmedia+http://[fd00::1]:80/s", "redfish-virtualmedia", "http://[fd00::1]:80", "/s"),
        ("idrac-virtualmedia+https://10.0.0.1/S/1", "idrac-virtualmedia", "https://10.0.0.1", "/S/1"),
        ("ilo5-virtualmedia://10.0.0.1/S/1", "ilo5-virtualmedia", "https://10.0.0.1", "/S/1"),
        ("ilo5-redfish://10.0.0.1/S/1", "ilo5-redfish", "https://10.0.0.1", "/S/1"),
        ("redfish-uefihttp://10.0.0.1/S/1", "redfish-uefihttp", "https://10.0.0.1", "/S/1"),
    ],
)
def test_an_address_names_driver_service_and_system(text, driver, base, system):
    parsed = parse_address(text)

    assert (parsed.driver, parsed.base, parsed.system) == (driver, base, system)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("10.0.0.13", "no Redfish driver"),
        ("ipmi://10.0.0.13", "no Redfish driver"),
        ("redfish+ftp://10.0.0.13", "no Redfish driver"),
        ("redfish:///redfish/v1/Systems/1", "no host"),
        ("redfish://10.0.0.13:port/", "cannot be understood"),
        ("redfish://[fd00::1/", "cannot be understood"),
        ("redfish://root:hunter2@10.0.0.13/", "secret"),
        ("redfish://10.0.0.13/S/1?x=1", "query"),
    ],
)
def test_a_bad_address_is_refused_with_its_cause_and_without_its_secrets(text, cause):
    with pytest.raises(BmcError, match=cause) as caught:
        parse_address(text)

    assert (caught.value.kind, caught.value.blame) == ("address", "us")
    assert "hunter2" not in caught.value.says
