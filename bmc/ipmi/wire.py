"""Numbers and names on the wire that the client and the emulated BMC share (IPMI 2.0 rev 1.1; tables named where they are)."""

from enum import IntEnum

CHASSIS = 0x00
SENSOR = 0x04
APP = 0x06
STORAGE = 0x0A
TRANSPORT = 0x0C
OEM_GROUP = 0x2E
"""Network function whose requests begin with the enterprise number of whoever defined them (table 5-1)."""

ENTERPRISE = 32473
"""The manufacturer our emulated BMC names: the enterprise number that RFC 5612 keeps for examples, so no real BMC has it."""
ENTERPRISE_BYTES = ENTERPRISE.to_bytes(3, "little")


class App(IntEnum):
    """Commands of the network function App (appendix G)."""

    GET_DEVICE_ID = 0x01
    COLD_RESET = 0x02
    WARM_RESET = 0x03
    GET_SELF_TEST = 0x04
    RESET_WATCHDOG = 0x22
    SET_WATCHDOG = 0x24
    GET_WATCHDOG = 0x25
    GET_GLOBAL_ENABLES = 0x2F
    SEND_MESSAGE = 0x34
    GET_SYSTEM_GUID = 0x37
    GET_CHANNEL_AUTH = 0x38
    GET_SESSION_CHALLENGE = 0x39
    ACTIVATE_SESSION = 0x3A
    SET_SESSION_PRIVILEGE = 0x3B
    CLOSE_SESSION = 0x3C
    GET_SESSION_INFO = 0x3D
    SET_CHANNEL_ACCESS = 0x40
    GET_CHANNEL_ACCESS = 0x41
    GET_CHANNEL_INFO = 0x42
    GET_USER_ACCESS = 0x44
    GET_USER_NAME = 0x46
    SET_USER_PASSWORD = 0x47
    ACTIVATE_PAYLOAD = 0x48
    DEACTIVATE_PAYLOAD = 0x49
    GET_CIPHER_SUITES = 0x54


class Chassis(IntEnum):
    """Commands of the network function Chassis."""

    GET_CAPABILITIES = 0x00
    GET_STATUS = 0x01
    CONTROL = 0x02
    IDENTIFY = 0x04
    SET_RESTORE_POLICY = 0x06
    GET_RESTART_CAUSE = 0x07
    SET_BOOT_OPTIONS = 0x08
    GET_BOOT_OPTIONS = 0x09
    GET_POWER_ON_HOURS = 0x0F


class Sensor(IntEnum):
    """Commands of the network function Sensor/Event."""

    GET_SENSOR_FACTORS = 0x23
    GET_SENSOR_HYSTERESIS = 0x25
    GET_SENSOR_THRESHOLDS = 0x27
    GET_SENSOR_EVENT_ENABLES = 0x29
    GET_SENSOR_EVENT_STATUS = 0x2B
    GET_SENSOR_READING = 0x2D
    GET_SENSOR_TYPE = 0x2F


class Storage(IntEnum):
    """Commands of the network function Storage."""

    GET_FRU_AREA = 0x10
    READ_FRU = 0x11
    WRITE_FRU = 0x12
    GET_SDR_INFO = 0x20
    RESERVE_SDR = 0x22
    GET_SDR = 0x23
    GET_SEL_INFO = 0x40
    GET_SEL_ALLOCATION = 0x41
    RESERVE_SEL = 0x42
    GET_SEL_ENTRY = 0x43
    ADD_SEL_ENTRY = 0x44
    DELETE_SEL_ENTRY = 0x46
    CLEAR_SEL = 0x47
    GET_SEL_TIME = 0x48
    SET_SEL_TIME = 0x49


class Transport(IntEnum):
    """Commands of the network function Transport."""

    SET_LAN_CONFIGURATION = 0x01
    GET_LAN_CONFIGURATION = 0x02


class Oem(IntEnum):
    """Our own commands, of the emulated BMC only: who calls, the log of requests, the marks that a reset leaves."""

    INTRODUCE = 0x01
    READ_REQUESTS = 0x02
    GET_MARKS = 0x03


class Completion(IntEnum):
    """Completion codes (table 5-2)."""

    OK = 0x00
    PARAMETER_UNSUPPORTED = 0x80
    BUSY = 0xC0
    INVALID_COMMAND = 0xC1
    INVALID_FOR_LUN = 0xC2
    TIMED_OUT = 0xC3
    OUT_OF_SPACE = 0xC4
    RESERVATION_LOST = 0xC5
    LENGTH_INVALID = 0xC7
    OUT_OF_RANGE = 0xC9
    NOT_PRESENT = 0xCB
    INVALID_FIELD = 0xCC
    STARTING = 0xD2
    PRIVILEGE_TOO_LOW = 0xD4
    NOT_IN_THIS_STATE = 0xD5
    UNSPECIFIED = 0xFF


CONTROLS = {"ForceOff": 0, "On": 1, "PowerCycle": 2, "ForceRestart": 3, "Nmi": 4, "GracefulShutdown": 5}
"""Redfish reset type -> Chassis Control (table 28-4)."""
RESET_TYPES = {number: name for name, number in CONTROLS.items()}

RESTART_CAUSES = (
    "unknown",
    "chassis control command",
    "reset via pushbutton",
    "power-up via power button",
    "watchdog expired",
    "OEM",
    "power-up due to always-restore policy",
    "power-up due to restore-previous policy",
    "reset via PEF",
    "power-cycle via PEF",
    "soft reset",
    "power-up via RTC wakeup",
)
"""By number (table 28-11)."""

POWER_IS_ON = 0x01
"""In the first byte of a chassis status (table 28-3)."""
POWER_EVENTS = ("AC failed", "power overload", "power interlock", "power fault", "power on via IPMI")
"""By bit of the last power event (table 28-3)."""

BOOT_FLAGS = 5
"""The boot option parameter that holds device, mode and duration (table 28-14)."""
BOOT_FLAGS_VALID = 3
"""The parameter that tells when the boot flags lose their validity."""
KEEP_VALID_AFTER_TIMEOUT = 0x08
BOOT_DEVICES = {
    0: "None",
    1: "Pxe",
    2: "Hdd",
    3: "Hdd",
    4: "Diags",
    5: "Cd",
    6: "BiosSetup",
    15: "Floppy",
    7: "Floppy",
    8: "Cd",
    9: "Usb",
    11: "RemoteDrive",
}
"""Boot device selector -> Redfish boot source; the first of each name is the one we set."""

NEWEST_RECORD = 0xFFFF
"""Asks for the newest SEL record, and as a record's successor says that there is none (§31.6)."""
