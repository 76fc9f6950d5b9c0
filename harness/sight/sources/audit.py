"""An API server's audit log: who changed what. So far it is only imported."""

from harness.journal.facts import AnyFact, ApiWrite, Body
from harness.sight.source import Recording, Source


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


SOURCE = Source(recording=Recording("audit", "audit", lambda: _api_write))
