"""Acting on a BMC through sushy, as Ironic does; used by the steps and faults of a scenario only.

sushy is synchronous, so each action runs in a thread of its own. It re-sends a POST whose answer got lost, ten times by default
(Launchpad bug 2115061), which would turn one reset into ten; here what may have been done is never sent again. No session is
opened: Basic authentication leaves nothing behind at the BMC. A cancelled call returns at once; its thread ends by READ_SECONDS.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

import sushy
from sushy import auth as sushy_auth
from sushy import connector as sushy_connector
from sushy import exceptions as sushy_exceptions

from bmc.address import Address, parse_address
from bmc.errors import BmcError
from bmc.model import Credentials, Tls
from bmc.names import ACTOR_USER_AGENT
from bmc.redfish.trust import pin_digest

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
ONCE = 1
"""sushy's `server_side_retries`: the number of times it sends a request; 0 would mean 3."""

_Result = TypeVar("_Result")


async def power_state(address: str, credentials: Credentials | None, *, tls: Tls | None = None) -> str:
    """The PowerState as sushy, and so Ironic, understands it; empty where it understands none. Raises BmcError."""
    return await _with_system(address, credentials, tls, lambda system: system.power_state.value if system.power_state else "")


async def reset(address: str, credentials: Credentials | None, reset_type: str, *, tls: Tls | None = None) -> None:
    """POST one ComputerSystem.Reset of this Redfish ResetType, once. Raises BmcError; after `dropped` it may have been done."""
    wanted = _known(sushy.ResetType, reset_type)
    await _with_system(address, credentials, tls, lambda system: system.reset_system(wanted))


async def set_boot(
    address: str, credentials: Credentials | None, target: str, *, enabled: str = "Once", tls: Tls | None = None
) -> None:
    """PATCH the boot override: a Redfish BootSource, and `Once`, `Continuous` or `Disabled`. Raises BmcError."""
    wanted = {"target": _known(sushy.BootSource, target), "enabled": _known(sushy.BootSourceOverrideEnabled, enabled)}
    await _with_system(address, credentials, tls, lambda system: system.set_system_boot_options(**wanted))


async def insert_media(
    address: str, credentials: Credentials | None, image: str, *, device: str = "Cd", tls: Tls | None = None
) -> None:
    """Insert an image, by its URL, into a virtual media device. Raises BmcError."""
    await _with_system(address, credentials, tls, lambda system: _device(system, device).insert_media(image))


async def eject_media(address: str, credentials: Credentials | None, *, device: str = "Cd", tls: Tls | None = None) -> None:
    """Empty a virtual media device. Raises BmcError."""
    await _with_system(address, credentials, tls, lambda system: _device(system, device).eject_media())


def _known(kind: Any, value: str) -> Any:
    try:
        return kind(value)
    except ValueError as error:
        raise BmcError(kind="refused", blame="us", says=f"Redfish knows no {kind.__name__} {value!r}") from error


def _device(system: Any, device: str) -> Any:
    """The virtual media device of that id, of the system or, on older BMCs, of its manager."""
    try:
        media = system.virtual_media
    except sushy_exceptions.MissingAttributeError:
        media = system.managers[0].virtual_media
    for member in media.get_members():
        if member.identity == device:
            return member
    raise BmcError(kind="missing", blame="us", says=f"the BMC has no virtual media device {device!r}")


async def _with_system(address: str, credentials: Credentials | None, tls: Tls | None, act: Callable[[Any], _Result]) -> _Result:
    return await asyncio.to_thread(_act, parse_address(address), credentials, tls or Tls(), act)


def _act(address: Address, credentials: Credentials | None, tls: Tls, act: Callable[[Any], _Result]) -> _Result:
    try:
        with _connector(address, tls) as connector:
            user, password = (credentials.username, credentials.password) if credentials else (None, None)
            root = sushy.Sushy(address.base, connector=connector, auth=sushy_auth.BasicAuth(user, password))
            return act(root.get_system(address.system or None))
    except sushy_exceptions.SushyError as error:
        raise _failed(error) from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        says = f"sushy does not understand the BMC's answer ({type(error).__name__})"
        raise BmcError(kind="content", blame="bmc", says=says) from error


def _connector(address: Address, tls: Tls) -> Any:
    verify: bool | str = False if tls.insecure or tls.pin else tls.ca or True
    connector = sushy_connector.Connector(
        address.base,
        verify=verify,
        server_side_retries=ONCE,
        connect_timeout=CONNECT_SECONDS,
        default_request_timeout=READ_SECONDS,
        tls_min_version="1.2",
    )
    session = connector._session  # noqa: SLF001 - sushy offers no other way to name ourselves, or to pin
    session.headers["User-Agent"] = ACTOR_USER_AGENT
    session.trust_env = False
    if tls.pin:
        session.get_adapter(address.base).poolmanager.connection_pool_kw["assert_fingerprint"] = pin_digest(tls).hex()
    return connector


def _failed(error: Any) -> BmcError:
    says = f"{type(error).__name__}: {error}"
    if isinstance(error, sushy_exceptions.AccessError) and error.status_code == HTTPStatus.FORBIDDEN:
        return BmcError(kind="forbidden", blame="us", says=f"the BMC does not allow this to our user ({says})")
    if isinstance(error, sushy_exceptions.AccessError):
        return BmcError(kind="auth", blame="us", says="the BMC does not accept the credentials")
    if isinstance(error, sushy_exceptions.ResourceNotFoundError):
        return BmcError(kind="missing", blame="us", says=says)
    if isinstance(error, sushy_exceptions.ConnectionError):
        return _not_connected(says)
    if isinstance(error, sushy_exceptions.ServerSideError):
        return BmcError(kind="status", blame="bmc", says=says)
    return BmcError(kind="refused", blame="bmc", says=says)


def _not_connected(says: str) -> BmcError:
    """sushy keeps the cause of a lost connection in the text only."""
    text = says.lower()
    if "ssl" in text or "certificate" in text or "fingerprint" in text:
        return BmcError(kind="tls", blame="us", says=says)
    if "timed out" in text:
        return BmcError(kind="timeout", blame="network" if "connect timeout" in text else "bmc", says=says)
    if "failed to establish" in text:
        return BmcError(kind="unreachable", blame="network", says=says)
    return BmcError(kind="dropped", blame="network", says=says)
