"""The grammar of IPMI's BMC addresses."""

import pytest

from bmc.address import is_ipmi, parse_ipmi_address
from bmc.errors import BmcError


@pytest.mark.parametrize(
    ("text", "host", "port", "privilege"),
    [
        ("ipmi://10.0.0.13", "10.0.0.13", 623, 3),
        ("ipmi://10.0.0.13:6230/", "10.0.0.13", 6230, 3),
        ("libvirt://192.168.122.1:6233", "192.168.122.1", 6233, 3),
        ("10.0.0.13", "10.0.0.13", 623, 3),
        ("bmc.lab:6230", "bmc.lab", 6230, 3),
        ("ipmi://[fd00::1]:6230", "fd00::1", 6230, 3),
        ("ipmi://10.0.0.13?privilegelevel=user", "10.0.0.13", 623, 2),
        ("ipmi://10.0.0.13:1?privilegelevel=ADMINISTRATOR", "10.0.0.13", 1, 4),
    ],
)
def test_an_address_names_host_port_and_privilege(text, host, port, privilege):
    parsed = parse_ipmi_address(text)

    assert (parsed.host, parsed.port, parsed.privilege) == (host, port, privilege)
    assert is_ipmi(text)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("redfish://10.0.0.13", "no IPMI driver"),
        ("ipmi://", "no host"),
        ("ipmi://10.0.0.13:port", "cannot be understood"),
        ("ipmi://[fd00::1", "cannot be understood"),
        ("ipmi://root:hunter2@10.0.0.13", "secret"),
        ("ipmi://10.0.0.13/redfish/v1", "nothing but"),
        ("ipmi://10.0.0.13?privilegelevel=KING", "privilegelevel"),
        ("ipmi://10.0.0.13?privilegelevel=USER&x=1", "privilegelevel"),
    ],
)
def test_a_bad_address_is_refused_with_its_cause_and_without_its_secrets(text, cause):
    with pytest.raises(BmcError, match=cause) as caught:
        parse_ipmi_address(text)

    assert (caught.value.kind, caught.value.blame) == ("address", "us")
    assert "hunter2" not in caught.value.says
