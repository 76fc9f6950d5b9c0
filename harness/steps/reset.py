"""Reset a host through its BMC, as somebody who is neither Ironic nor a controller would; such a reset is what a pivot must not have."""

from bmc import protocols
from bmc.errors import BmcError
from harness.bench.bench import Bench
from harness.errors import StepFailedError
from harness.files.durations import HostName


async def step(bench: Bench, *, host: HostName = "", type: str = "ForceRestart") -> None:  # noqa: A002 - Redfish's own word
    """Send one reset of this Redfish ResetType, or the chassis control of IPMI that means the same."""
    name = bench.host(host)
    access = bench.bmcs[name]
    async with bench.writing(f"BMC of {name}", f"Reset {type}", host=name):
        try:
            await protocols.reset(access.address, access.credentials, type, tls=access.tls)
        except BmcError as error:
            raise StepFailedError(f"the BMC of {name} did not do the reset: {error}") from error
