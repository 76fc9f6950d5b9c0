"""`certificate.json`: for each host what was proved, by which witnesses, over which time, and of which journal."""

import hashlib
import json
from pathlib import Path
from typing import Any

from harness.journal.entry import Entry
from harness.journal.facts import SIDES
from harness.journal.mover_lines import masked
from harness.report.document import Document
from harness.report.stories import Verdict
from harness.world.coverage import SightKey
from harness.world.world import World

LOOKS = (
    *(SightKey("kube", side, "BareMetalHost") for side in SIDES),
    *(SightKey("ironic", side) for side in SIDES),
    SightKey("bmc"),
    SightKey("bmc_requests"),
)
"""The sights that a host's verdict rests on; those on BMCs are asked for each host."""


def render_certificate(verdict: Verdict, entries: list[Entry], journal: Path) -> str:
    """The document as JSON text. `journal` is the file the entries came from; its digest ties the certificate to it."""
    world = World(entries, final=True)
    document = {
        "verdict": verdict["verdict"],
        "scenario": verdict["scenario"],
        "lab": verdict["lab"],
        "started": verdict["started"],
        "seconds": round(world.now, 3),
        "journal": {"file": journal.name, "entries": len(entries), "sha256": _digest(journal)},
        "hosts": {name: _host(world, name, host, verdict) for name, host in verdict["hosts"].items()},
    }
    return masked(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _host(world: World, name: str, host: Verdict, verdict: Verdict) -> dict[str, Any]:
    seen = sorted(_times(world, name))
    return {
        "verdict": host["verdict"],
        "witnesses": host["witnesses"],
        "checks": {check["check"]: check["verdict"] for check in verdict["checks"] if check["host"] == name},
        "first_seen": round(seen[0], 3) if seen else None,
        "last_seen": round(seen[-1], 3) if seen else None,
        "watched": [watched for look in LOOKS if (watched := _watched(world, look, name))],
    }


def _times(world: World, name: str) -> list[float]:
    """When anything about this host was seen."""
    times = [version.entry.at for key, versions in world.objects.items() if key.name == name for version in versions]
    return times + [entry.at for record in (world.requests, world.reads) for entry in record[name]]


def _watched(world: World, look: SightKey, host: str) -> dict[str, Any] | None:
    """From when to when somebody looked, and whether nothing was missed in between; None where nobody looked."""
    key = look if look.cluster else look._replace(host=host)
    sights = [one for one in world.coverage.of(key) if one.began]
    if not sights:
        return None
    ended = [one.ended.at for one in sights if one.ended]
    return {
        "sight": look.sight,
        "cluster": look.cluster,
        "from": round(min(one.began.at for one in sights if one.began), 3),
        "until": round(max(ended), 3) if ended else None,
        "complete": not world.coverage.gaps(key) and all(one.complete for one in sights),
    }


DOCUMENT = Document("certificate.json", lambda run: render_certificate(*run))
