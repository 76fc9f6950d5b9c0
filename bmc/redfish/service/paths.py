"""Where the resources of the emulated service are."""

from bmc.redfish.personality import emulated
from bmc.redfish.vendor import Personality
from bmc.redfish.wire import REQUESTS_LOG, ROOT, SYSTEMS

CHASSIS = f"{ROOT}/Chassis"
MANAGERS = f"{ROOT}/Managers"
SESSION_SERVICE = f"{ROOT}/SessionService"
SESSIONS = f"{SESSION_SERVICE}/Sessions"
ACCOUNT_SERVICE = f"{ROOT}/AccountService"
ACCOUNTS = f"{ACCOUNT_SERVICE}/Accounts"
ROLES = f"{ACCOUNT_SERVICE}/Roles"
UPDATE_SERVICE = f"{ROOT}/UpdateService"
FIRMWARE = f"{UPDATE_SERVICE}/FirmwareInventory"
TASK_SERVICE = f"{ROOT}/TaskService"
TASKS = f"{TASK_SERVICE}/Tasks"
TASK_MONITORS = f"{TASK_SERVICE}/TaskMonitors"
EVENT_SERVICE = f"{ROOT}/EventService"
SUBSCRIPTIONS = f"{EVENT_SERVICE}/Subscriptions"
METADATA = f"{ROOT}/$metadata"


class Paths:
    """The paths of one system, its chassis and its manager, as a personality lays them out."""

    def __init__(self, system_id: str, personality: Personality = emulated.PERSONALITY) -> None:
        self.system_id = system_id
        self.manager_id = personality.manager_id or system_id
        self.chassis_id = personality.chassis_id or system_id
        self.system = f"{SYSTEMS}/{self.system_id}"
        self.chassis = f"{CHASSIS}/{self.chassis_id}"
        self.manager = f"{MANAGERS}/{self.manager_id}"
        self.interfaces = f"{self.system}/EthernetInterfaces"
        self.processors = f"{self.system}/Processors"
        self.secure_boot = f"{self.system}/SecureBoot"
        self.bios = f"{self.system}/Bios"
        self.bios_settings = f"{self.bios}/Settings"
        self.media = f"{self.system if personality.media_in == 'system' else self.manager}/VirtualMedia"
        self.system_logs = f"{self.system}/LogServices"
        self.logs = f"{self.manager}/LogServices"
        self.hardware_log = f"{self.system_logs if personality.log_in == 'system' else self.logs}/{personality.log_id}"
        self.requests = f"{self.logs}/{REQUESTS_LOG}"
        self.entries = f"{self.requests}/Entries"
