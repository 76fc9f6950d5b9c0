"""Where the resources of the emulated service are."""

from dataclasses import dataclass

from bmc.redfish.wire import REQUESTS_LOG, ROOT

SYSTEMS = f"{ROOT}/Systems"
CHASSIS = f"{ROOT}/Chassis"
MANAGERS = f"{ROOT}/Managers"
SESSION_SERVICE = f"{ROOT}/SessionService"
SESSIONS = f"{SESSION_SERVICE}/Sessions"
UPDATE_SERVICE = f"{ROOT}/UpdateService"


@dataclass(frozen=True)
class Paths:
    """The paths of one system, its chassis and its manager; all three carry the system's id, as sushy-tools' do."""

    system_id: str

    @property
    def system(self) -> str:
        """The ComputerSystem."""
        return f"{SYSTEMS}/{self.system_id}"

    @property
    def chassis(self) -> str:
        """The Chassis."""
        return f"{CHASSIS}/{self.system_id}"

    @property
    def manager(self) -> str:
        """The Manager."""
        return f"{MANAGERS}/{self.system_id}"

    @property
    def media(self) -> str:
        """The collection of VirtualMedia."""
        return f"{self.system}/VirtualMedia"

    @property
    def interfaces(self) -> str:
        """The collection of EthernetInterfaces."""
        return f"{self.system}/EthernetInterfaces"

    @property
    def secure_boot(self) -> str:
        """SecureBoot."""
        return f"{self.system}/SecureBoot"

    @property
    def logs(self) -> str:
        """The Manager's collection of LogServices."""
        return f"{self.manager}/LogServices"

    @property
    def requests(self) -> str:
        """The LogService that tells the requests made to this BMC."""
        return f"{self.logs}/{REQUESTS_LOG}"

    @property
    def entries(self) -> str:
        """Its collection of LogEntries."""
        return f"{self.requests}/Entries"
