"""SessionService, and an AccountService that shows the users and lets nobody change them."""

from functools import partial

from aiohttp import web

from bmc.redfish.service import paths
from bmc.redfish.service.errors import no_more_sessions, not_found, unauthorized
from bmc.redfish.service.front import shown
from bmc.redfish.service.metadata import typed
from bmc.redfish.service.resources import ENABLED, Body, RedfishResource, WriteRequest, collection, done, link, links
from bmc.redfish.service.sessions import SESSION_HEADER, RedfishSession, SessionStore

_READ_ONLY = ("Login", "ConfigureSelf")
_OPERATOR = (*_READ_ONLY, "ConfigureComponents")
ROLES = {
    "Administrator": (*_OPERATOR, "ConfigureManager", "ConfigureUsers"),
    "Operator": _OPERATOR,
    "ReadOnly": _READ_ONLY,
}
"""The standard roles and their privileges (DSP0266 §13.4)."""


class Accounts:
    """Sessions, users and roles as resources."""

    def __init__(self, sessions: SessionStore) -> None:
        self._sessions = sessions
        opens = RedfishResource(read=self._open_sessions, writes={"POST": self._open})
        self._fixed = {
            paths.SESSION_SERVICE: RedfishResource(read=self._session_service),
            paths.SESSIONS: opens,
            f"{paths.SESSIONS}/Members": RedfishResource(writes=opens.writes),
            paths.ACCOUNT_SERVICE: RedfishResource(read=_account_service),
            paths.ACCOUNTS: RedfishResource(read=self._accounts),
            paths.ROLES: RedfishResource(
                read=lambda: collection(paths.ROLES, "Role", links(f"{paths.ROLES}/{name}" for name in ROLES))
            ),
        }

    def find(self, path: str) -> RedfishResource | None:
        """One of the services or collections, a session, an account or a role."""
        if path in self._fixed:
            return self._fixed[path]
        folder, _, name = path.rpartition("/")
        if folder == paths.SESSIONS and (session := self._sessions.find(name)):
            return RedfishResource(read=partial(_session, session), writes={"DELETE": self._close})
        if folder == paths.ROLES and name in ROLES:
            return RedfishResource(read=partial(_role, name))
        users = self._sessions.users
        if folder == paths.ACCOUNTS and name.isdecimal() and 0 < int(name) <= len(users):
            return RedfishResource(read=partial(_account, name, users[int(name) - 1]))
        return None

    def _open(self, call: WriteRequest) -> web.Response:
        """POST a user's name and password: 201 with a token."""
        user, password = call.body.get("UserName"), call.body.get("Password")
        if not (isinstance(user, str) and isinstance(password, str) and self._sessions.accepts(user, password)):
            return unauthorized()
        session = self._sessions.open(user)
        if session is None:
            return no_more_sessions()
        body = _session(session)
        headers = {"Location": body["@odata.id"], SESSION_HEADER: session.token}
        return shown(body, self._fixed[paths.SESSIONS], status=201, headers=headers)

    def _close(self, call: WriteRequest) -> web.Response:
        closed = self._sessions.close(call.request.path.rstrip("/").rpartition("/")[2])
        return done() if closed else not_found(call.request.path)

    def _open_sessions(self) -> Body:
        return collection(paths.SESSIONS, "Session", links(f"{paths.SESSIONS}/{each.id}" for each in self._sessions))

    def _session_service(self) -> Body:
        return {
            "@odata.id": paths.SESSION_SERVICE,
            "@odata.type": typed("SessionService"),
            "Id": "SessionService",
            "Name": "Session Service",
            "ServiceEnabled": True,
            "SessionTimeout": self._sessions.idle_seconds,
            "Status": ENABLED,
            "Sessions": link(paths.SESSIONS),
        }

    def _accounts(self) -> Body:
        members = (f"{paths.ACCOUNTS}/{number}" for number, _ in enumerate(self._sessions.users, 1))
        return collection(paths.ACCOUNTS, "ManagerAccount", links(members))


def _session(held: RedfishSession) -> Body:
    """One Session; never its token."""
    return {
        "@odata.id": f"{paths.SESSIONS}/{held.id}",
        "@odata.type": typed("Session"),
        "Id": held.id,
        "Name": f"Session {held.id}",
        "UserName": held.user,
        "CreatedTime": held.created.isoformat(),
    }


def _account_service() -> Body:
    return {
        "@odata.id": paths.ACCOUNT_SERVICE,
        "@odata.type": typed("AccountService"),
        "Id": "AccountService",
        "Name": "Account Service",
        "ServiceEnabled": True,
        "Status": ENABLED,
        "Accounts": link(paths.ACCOUNTS),
        "Roles": link(paths.ROLES),
    }


def _account(number: str, user: str) -> Body:
    return {
        "@odata.id": f"{paths.ACCOUNTS}/{number}",
        "@odata.type": typed("ManagerAccount"),
        "Id": number,
        "Name": f"Account {number}",
        "UserName": user,
        "Password": None,
        "Enabled": True,
        "Locked": False,
        "RoleId": "Administrator",
        "AccountTypes": ["Redfish"],
        "Links": {"Role": link(f"{paths.ROLES}/Administrator")},
    }


def _role(name: str) -> Body:
    return {
        "@odata.id": f"{paths.ROLES}/{name}",
        "@odata.type": typed("Role"),
        "Id": name,
        "RoleId": name,
        "Name": f"Role {name}",
        "IsPredefined": True,
        "AssignedPrivileges": list(ROLES[name]),
    }
