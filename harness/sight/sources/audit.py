"""An API server's audit log: who changed what. Followed live where the lab names one, or imported."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from bmc.errors import BmcError
from bmc.redfish.trust import server_tls
from harness.errors import UsageError
from harness.journal.facts import SIDES, AnyFact, ApiWrite, Body
from harness.journal.journal import Journal
from harness.lab.model import AuditAccess
from harness.sight.audit.events import AuditReader
from harness.sight.audit.file import AuditFileSight
from harness.sight.audit.webhook import AuditWebhookSight
from harness.sight.source import Recording, Source, Watch, WatchContext


@asynccontextmanager
async def _opened(context: WatchContext, journal: Journal) -> AsyncIterator[Sequence[Watch]]:
    """A watcher for each side that the lab names an audit log of."""
    watches: list[Watch] = []
    async with AsyncExitStack() as stack:
        for side in SIDES:
            access: AuditAccess | None = getattr(context.lab.audit, side)
            if access is None:
                continue
            reader, name = AuditReader(side, journal.now), f"audit log of the {side}"
            if access.file:
                sight = AuditFileSight(side, access.file, journal, reader)
                watches.append(Watch(name, sight, sight.final))
            else:
                webhook = AuditWebhookSight(side, journal, reader)
                await webhook.start(access.listen, access.port, _tls(access))
                stack.push_async_callback(webhook.stop)
                watches.append(Watch(name, webhook, webhook.final))
        yield watches


def _tls(access: AuditAccess) -> ssl.SSLContext | None:
    """How to listen; None without a certificate. Raises UsageError where it cannot be used."""
    try:
        return server_tls(str(access.certificate), str(access.key or "")) if access.certificate else None
    except BmcError as error:
        raise UsageError(f"`audit`: {error.says}") from error


def _api_write(row: Body) -> tuple[float, AnyFact]:
    """One line of the audit log."""
    fact = ApiWrite(
        cluster=row["cluster"],
        user=row["user"],
        verb=row["verb"],
        resource=row["kind"],
        name=row.get("name") or "",
        namespace=row.get("ns") or "",
        subresource=row.get("sub") or "",
        user_agent=row.get("ua") or "",
        code=row.get("code") or 0,
    )
    return row["at"], fact


SOURCE = Source(_opened, recording=Recording("audit", "audit", lambda: _api_write))
