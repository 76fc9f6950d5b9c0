"""The protocol that an address names: who watches it, and who acts on it."""

from bmc.address import is_ipmi
from bmc.ipmi import act as ipmi_act
from bmc.ipmi.observe import IpmiObserver
from bmc.model import Credentials, Tls
from bmc.redfish import act as redfish_act
from bmc.redfish.observe import RedfishObserver

Observer = RedfishObserver | IpmiObserver


def observer(
    address: str, credentials: Credentials | None, *, tls: Tls, deadline_seconds: float, recorded: bool = False
) -> Observer:
    """What watches the BMC at this address; to be closed. Raises BmcError(kind="address").

    `recorded`: a flight recorder stands before it. Over Redfish its record is discovered like a BMC's own log; over IPMI the
    caller must know of it, because its OEM commands are not sent to other BMCs.
    """
    if is_ipmi(address):
        return IpmiObserver(address, credentials, deadline_seconds=deadline_seconds, recorded=recorded)
    return RedfishObserver(address, credentials, tls=tls, deadline_seconds=deadline_seconds)


async def reset(address: str, credentials: Credentials | None, reset_type: str, *, tls: Tls) -> None:
    """One reset of this Redfish ResetType, sent once. Raises BmcError; after `dropped` it may have been done."""
    if is_ipmi(address):
        await ipmi_act.reset(address, credentials, reset_type)
    else:
        await redfish_act.reset(address, credentials, reset_type, tls=tls)
