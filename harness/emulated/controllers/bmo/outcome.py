"""What one step of a host's reconcile came to."""

from dataclasses import dataclass, field

from harness.emulated.controllers.bmo.status import set_error
from harness.emulated.kube.client import Json
from harness.emulated.plan.time_scale import Pace

NOT_READY_SECONDS = 30.0
STEADY_SECONDS = 60.0
SHORT_RETRY_SECONDS = 3.0
LONG_RETRY_SECONDS = 10.0
INSPECTION_SECONDS = 15.0
ERROR_RETRY_SECONDS = 10.0
"""Until BMO looks again for a Secret that is not there."""
AT_ONCE = 0.0
BACK_OFF_SECONDS = 60.0
BACK_OFF_COUNT_MAX = 9
"""After a failure BMO waits for one to two minutes, and each time twice as long, up to eight hours."""
FAILURE_EVENTS = {
    "provisioned registration error": "ProvisionedRegistrationError",
    "registration error": "RegistrationError",
    "inspection error": "InspectionError",
    "provisioning error": "ProvisioningError",
    "power management error": "PowerManagementError",
}
"""The event by which each error is told, every time that it is met."""


@dataclass(frozen=True)
class ReconcileResult:
    """`dirty`: the status is to be saved. `after`: recorded seconds to the next look (0: at once), None: nothing is due."""

    dirty: bool = False
    after: float | None = None


NOTHING = ReconcileResult()
SAVE = ReconcileResult(dirty=True, after=AT_ONCE)


@dataclass
class Work:
    """One reconcile of one host: a copy of it with the status being built, its Secret, and the events to publish after the save.

    `secret` is None where there is none (states without credentials, or a host that is being deleted).
    """

    host: Json
    secret: Json | None = None
    hardware: Json | None = None
    events: list[tuple[str, str]] = field(default_factory=list)
    healthy: bool | None = None

    @property
    def status(self) -> Json:
        """The status being built."""
        status: Json = self.host["status"]
        return status

    @property
    def spec(self) -> Json:
        """What is wanted."""
        spec: Json = self.host["spec"]
        return spec

    @property
    def name(self) -> str:
        """`namespace~name`, the node's name in Ironic."""
        return f"{self.host['metadata']['namespace']}~{self.host['metadata']['name']}"

    @property
    def node_id(self) -> str:
        """The node's id as last saved."""
        ident: str = self.status["provisioning"]["ID"]
        return ident

    def tell(self, reason: str, message: str) -> None:
        """Publish an event, if and when the status of this reconcile is saved."""
        self.events.append((reason, message))

    def fail(self, type_: str, message: str, pace: Pace) -> ReconcileResult:
        """Note that Ironic failed: counted, told, and tried again after a while that grows with the count."""
        set_error(self.status, type_, message)
        self.tell(FAILURE_EVENTS[type_], message)
        count = min(self.status["errorCount"], BACK_OFF_COUNT_MAX)
        return ReconcileResult(dirty=True, after=pace.jitter(BACK_OFF_SECONDS * 2 ** (count - 1), 1.0))

    def failed_by(self, type_: str) -> bool:
        """Was its last failure of this kind? Then what failed is to be started again."""
        return bool(self.status.get("errorType") == type_)
