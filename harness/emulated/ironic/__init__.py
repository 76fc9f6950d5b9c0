"""An emulated Ironic: API, provision state machine, conductor that really speaks Redfish and IPMI, power sync; one per cluster."""

from harness.emulated.ironic.service import Ironic

__all__ = ["Ironic"]
