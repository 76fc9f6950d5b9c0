"""What the emulated BMC says of itself: device, channel, users."""

import socket
from collections.abc import Callable, Mapping
from hmac import compare_digest
from uuid import UUID

from bmc.ipmi.service.commands import ADMINISTRATOR, Command, CompletionCodeError, Handlers
from bmc.ipmi.service.lan import CHANNEL, need_channel
from bmc.ipmi.wire import APP, STORAGE, App, Completion, Storage
from bmc.machine import Machine

_USERS_MAX = 16
_FIRST_USER = 2
"""User 1 is the anonymous user, which is not used here."""
_NAME_BYTES = 16
_PASSWORD_BYTES = (16, 20)
_TEST_PASSWORD = 3
_LAN_MEDIUM, _IPMB_PROTOCOL, _MULTI_SESSION = 4, 1, 0x80
_IPMI_ENTERPRISE = b"\xf2\x1b\x00"
_SUITE_3 = b"\xc0\x03\x01\x41\x81"
_PASSWORD_WRONG = 0x80
_DEVICE_ID, _DEVICE_REVISION, _FIRMWARE, _IPMI_VERSION = 0x20, 0x01, (0x01, 0x00), 0x02
_SEL_SDR_AND_CHASSIS = 0x86
_ACCESS_ALWAYS = 0x02
_CHANGES = 0xC0
_LINK_AND_MESSAGING = 0x30


class ManagementCommands:
    """The BMC of one machine. `manufacturer` is an enterprise number.

    `restarted` is called when the BMC is told to restart. `sessions` tells how many there may be, and how many there are.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        credentials: Mapping[str, str],
        manufacturer: int,
        restarted: Callable[[], None],
        sessions: Callable[[], tuple[int, int]],
    ) -> None:
        self._machine = machine
        self._credentials = credentials
        self._manufacturer = manufacturer
        self._restarted = restarted
        self._sessions = sessions
        self._access = bytes([_ACCESS_ALWAYS, ADMINISTRATOR])

    def handlers(self) -> Handlers:
        """All commands of the network function App, but for the session's own."""
        return {
            (APP, App.GET_DEVICE_ID): self._device,
            (APP, App.COLD_RESET): self._restart,
            (APP, App.WARM_RESET): self._restart,
            (APP, App.GET_SELF_TEST): lambda _: b"\x55\x00",
            (APP, App.GET_GLOBAL_ENABLES): lambda _: b"\x08",
            (APP, App.GET_WATCHDOG): lambda _: bytes(8),
            (APP, App.GET_SYSTEM_GUID): lambda _: UUID(self._machine.uuid).bytes_le,
            (APP, App.GET_CHANNEL_AUTH): lambda _: bytes([CHANNEL, 0x80, 0x04, 0x02, 0, 0, 0, 0]),
            (APP, App.GET_CIPHER_SUITES): self._suites,
            (APP, App.GET_SESSION_INFO): self._session_info,
            (APP, App.GET_CHANNEL_ACCESS): self._channel_access,
            (APP, App.SET_CHANNEL_ACCESS): self._set_channel_access,
            (APP, App.GET_CHANNEL_INFO): self._channel_info,
            (APP, App.GET_USER_ACCESS): self._user_access,
            (APP, App.GET_USER_NAME): self._user_name,
            (APP, App.SET_USER_PASSWORD): self._password,
            (STORAGE, Storage.GET_FRU_AREA): self._no_inventory,
        }

    def _device(self, _command: Command) -> bytes:
        head = bytes([_DEVICE_ID, _DEVICE_REVISION, *_FIRMWARE, _IPMI_VERSION, _SEL_SDR_AND_CHASSIS])
        return head + self._manufacturer.to_bytes(3, "little") + bytes(2) + bytes(4)

    def _restart(self, _command: Command) -> bytes:
        self._machine.restart_manager()
        self._restarted()
        return b""

    def _suites(self, command: Command) -> bytes:
        """Suite 3 is the only one, so there is one piece of the list."""
        return bytes([CHANNEL]) + (_SUITE_3 if command.byte(2) & 0x3F == 0 else b"")

    def _session_info(self, command: Command) -> bytes:
        most, active = self._sessions()
        caller = command.caller
        user = self._users().index(caller.user) + _FIRST_USER if caller.user in self._users() else 0
        place = socket.inet_aton(caller.sockaddr[0]) + bytes(6) + caller.sockaddr[1].to_bytes(2, "little")
        return bytes([1, most, active, user, caller.privilege, 0x10 | CHANNEL]) + place

    def _channel_access(self, command: Command) -> bytes:
        need_channel(command)
        return self._access

    def _set_channel_access(self, command: Command) -> bytes:
        """Set channel access and privilege limit, each only if its two highest bits ask for it (table 22-28)."""
        need_channel(command)
        changes = (command.byte(1), command.byte(2))
        values = (changes[0] & 0x3F, changes[1] & 0x0F)
        self._access = bytes(
            value if change & _CHANGES else kept for change, value, kept in zip(changes, values, self._access, strict=True)
        )
        return b""

    def _channel_info(self, command: Command) -> bytes:
        need_channel(command)
        _, active = self._sessions()
        kind = bytes([CHANNEL, _LAN_MEDIUM, _IPMB_PROTOCOL, _MULTI_SESSION | active & 0x3F])
        return kind + _IPMI_ENTERPRISE + bytes(2)

    def _users(self) -> list[str]:
        return list(self._credentials)[: _USERS_MAX - _FIRST_USER + 1]

    def _user(self, number: int) -> str:
        """The name of that user, empty for one without; CompletionCodeError where there can be no such user."""
        if not 1 <= number <= _USERS_MAX:
            raise CompletionCodeError(Completion.INVALID_FIELD)
        users = self._users()
        return users[number - _FIRST_USER] if 0 <= number - _FIRST_USER < len(users) else ""

    def _user_access(self, command: Command) -> bytes:
        need_channel(command)
        name = self._user(command.byte(1) & 0x3F)
        access = _LINK_AND_MESSAGING | ADMINISTRATOR if name else 0x0F
        return bytes([_USERS_MAX, 0x40 | len(self._users()), 0, access])

    def _user_name(self, command: Command) -> bytes:
        name = self._user(command.byte(0) & 0x3F)
        if not name and command.byte(0) & 0x3F != 1:
            raise CompletionCodeError(Completion.INVALID_FIELD)
        return name.encode()[:_NAME_BYTES].ljust(_NAME_BYTES, b"\0")

    def _password(self, command: Command) -> bytes:
        """Only testing a password is supported; passwords are set by the lab."""
        given, name = command.data[2:], self._user(command.byte(0) & 0x3F)
        if command.byte(1) & 0b11 != _TEST_PASSWORD or not name or len(given) not in _PASSWORD_BYTES:
            raise CompletionCodeError(Completion.INVALID_FIELD)
        if not compare_digest(given.rstrip(b"\0"), self._credentials[name].encode()):
            raise CompletionCodeError(_PASSWORD_WRONG)
        return b""

    def _no_inventory(self, _command: Command) -> bytes:
        raise CompletionCodeError(Completion.NOT_PRESENT)
