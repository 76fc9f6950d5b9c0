"""Reset a host through its BMC, as somebody who is neither Ironic nor a controller would; such a reset is what a pivot must not have."""

from bmc.errors import BmcError
from bmc.redfish import act
from harness.arguments import Host
from harness.bench import Bench
from harness.waiting import StepFailed


async def step(bench: Bench, *, host: Host = "", type: str = "ForceRestart") -> None:  # noqa: A002 - Redfish's own word
    """Send one ComputerSystem.Reset of this Redfish ResetType."""
    name = bench.host(host)
    access = bench.bmcs[name]
    async with bench.writing(f"BMC of {name}", f"Reset {type}", host=name):
        try:
            await act.reset(access.address, access.credentials, type, tls=access.tls)
        except BmcError as error:
            raise StepFailed(f"the BMC of {name} did not do the reset: {error}") from error
