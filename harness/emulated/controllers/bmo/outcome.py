"""What one step of a host's reconcile came to."""

from dataclasses import dataclass, field

from harness.emulated.kube.client import Json

NOT_READY_SECONDS = 30.0
STEADY_SECONDS = 60.0
SHORT_RETRY_SECONDS = 3.0
LONG_RETRY_SECONDS = 10.0
INSPECTION_SECONDS = 15.0
ERROR_RETRY_SECONDS = 10.0
AT_ONCE = 0.0


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
