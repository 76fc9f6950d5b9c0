"""Which machine this is: a mark that is told to nobody, but can be compared here."""

import hashlib
import hmac
import os
import platform
from pathlib import Path

from harness.journal.facts import RunBegan

IDENTITIES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
MARK_DIGITS = 32


def mark(*about: str) -> str:
    """The mark of this machine on something; it does not tell the machine's identity, which is the key of the digest."""
    return hmac.new(_identity(), "\n".join(about).encode(), hashlib.sha256).hexdigest()[:MARK_DIGITS]


def mark_of_run(began: RunBegan) -> str:
    """The mark that this machine puts on a run: on its begin and on the lab file that `harness recover` will read."""
    return mark(began.started, f"{began.started_fraction}", began.lab_file)


def is_made_here(began: RunBegan, journal: Path) -> bool:
    """Was a journal made on this machine, by the user who asks?"""
    return hmac.compare_digest(began.machine, mark_of_run(began)) and journal.stat().st_uid == os.geteuid()


def _identity() -> bytes:
    for path in IDENTITIES:
        try:
            if found := path.read_bytes().strip():
                return found
        except OSError:
            continue
    return platform.node().encode()
