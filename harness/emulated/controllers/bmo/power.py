"""The power of a host: what Ironic says it is, and what the host wants."""

from harness.emulated.controllers.bmo.ironic_api import IronicApi
from harness.emulated.controllers.bmo.outcome import SAVE, SHORT_RETRY_SECONDS, STEADY_SECONDS, ReconcileResult, Work
from harness.emulated.controllers.bmo.status import clear_error
from harness.emulated.kube.client import Json
from harness.emulated.plan.time_scale import Pace

ON = "power on"
OFF = "power off"
ERROR = "power management error"
REFUSED = {
    True: "PowerOn operation failed: ",
    False: "Continuing with hard poweroff after soft poweroff fails. More details: ",
}
"""What BMO says before the error of Ironic, by whether the server is to run."""


class Power:
    """Brings servers to the power state that their hosts want."""

    def __init__(self, ironic: IronicApi, pace: Pace) -> None:
        self._ironic = ironic
        self._pace = pace

    async def manage(self, work: Work, node: Json) -> ReconcileResult:
        """Note the state; change it if it is not what is wanted; look again after a while."""
        wait = ReconcileResult(after=self._pace.jitter(SHORT_RETRY_SECONDS))
        if node.get("target_power_state") or node.get("power_state") not in (ON, OFF):
            return wait
        is_on, wanted = node["power_state"] == ON, bool(work.spec.get("online"))
        if work.status["poweredOn"] != is_on:
            work.status["poweredOn"] = is_on
            if work.failed_by(ERROR):
                clear_error(work.status)
            return SAVE
        if is_on == wanted:
            work.healthy = True
            return ReconcileResult(after=STEADY_SECONDS)
        if node.get("last_error") and not work.failed_by(ERROR):
            return work.fail(ERROR, f"{REFUSED[wanted]}{node['last_error']}", self._pace)
        hard = bool(work.status["errorCount"])
        await self._ironic.power(node["uuid"], ON if wanted else OFF if hard else f"soft {OFF}")
        work.tell(*(("PowerOn", "Host powered on") if wanted else ("PowerOff", f"Host {'' if hard else 'soft '}powered off")))
        return ReconcileResult(dirty=clear_error(work.status), after=wait.after)
