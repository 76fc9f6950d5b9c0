"""The certificate as an in-toto Statement: what was proven of whom, over which time, seen by whom, and of which journal.

Its predicate is in-toto's test result; what is unknown is WARNED there and never PASSED. Beside the members that in-toto names it has
those of `verdict.json`. Its last member is the digest of all that stands before it, so that a change is found without a signature too.
"""

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from bmc.masking.text import masked
from harness.errors import JournalError
from harness.journal.chain import Chain
from harness.journal.entry import Entry
from harness.journal.facts import SIDES, RunBegan
from harness.journal.run_directory import VERDICT_FILE
from harness.judgement import VerdictWord, merge
from harness.report.judgement_names import judgement_names
from harness.report.stories import Verdict, headline_of
from harness.world.coverage import SightKey
from harness.world.world import World

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
RESULTS = {"pass": "PASSED", "unknown": "WARNED", "fail": "FAILED"}
TESTS = {"pass": "passedTests", "unknown": "warnedTests", "fail": "failedTests"}
CARRIED_OVER = ("moves", "horizon", "coverage", "unclaimed", "checks", "carried", "unverified", "not_judged")
"""Members of `verdict.json` that the certificate states as they are."""

COPIED = ("verdict", "scenario", "lab", "started", *CARRIED_OVER)

LOOKS = (
    *(SightKey("kube", side, "BareMetalHost") for side in SIDES),
    *(SightKey("ironic", side) for side in SIDES),
    SightKey("bmc"),
    SightKey("bmc_requests"),
)
"""The sights that a host's verdict rests on; those on BMCs are asked for each host."""

END = re.compile(rb'(?s)\A(.*\n    "content": ")([0-9a-f]{64})"\n  \}\n\}\n\Z')


def render_statement(verdict: Verdict, entries: list[Entry], journal: Path, signer: dict[str, str] | None = None) -> str:
    """The statement as JSON text. `journal` is the file the entries came from; `signer` tells the public key that will sign it."""
    about = subjects(journal)
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": about,
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate(verdict, entries, about[0]) | ({"signer": signer} if signer else {}) | {"content": ""},
    }
    head, _, tail = (json.dumps(clean(statement), indent=2, ensure_ascii=False) + "\n").rpartition('"')
    return f'{head}{hashlib.sha256(head.encode()).hexdigest()}"{tail}'


def is_whole(text: bytes) -> bool:
    """Is this the text of a statement of ours, no character of it changed?"""
    found = END.match(text)
    return found is not None and hashlib.sha256(found[1]).hexdigest().encode() == found[2]


def subjects(journal: Path) -> list[dict[str, Any]]:
    """What the statement is about: the journal, by its bytes and by the head of its chain, and the verdict."""
    chain, verdict = chain_of(journal), journal.with_name(VERDICT_FILE)
    found = [{"name": journal.name, "digest": {"sha256": digest_of(journal), "chainHead": chain.head}}]
    return [*found, {"name": verdict.name, "digest": {"sha256": digest_of(verdict)}}] if verdict.is_file() else found


def chain_of(journal: Path) -> Chain:
    """The chain of a journal's whole lines; JournalError where one is not bound to the line before it."""
    chain = Chain()
    with journal.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n") and not chain.holds(line[:-1]):
                raise JournalError(f"{journal}:{chain.length}: not bound to the line before it; restore the file from its copy")
    return chain


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def predicate(verdict: Verdict, entries: list[Entry], journal: dict[str, Any]) -> dict[str, Any]:
    """The test result, and all that the verdict states; `journal` as it stands among the subjects."""
    world = World(entries, final=True)
    names = judgement_names(verdict["checks"])
    tests = {
        list_name: [str(name) for name, check in zip(names, verdict["checks"], strict=True) if check["verdict"] == word]
        for word, list_name in TESTS.items()
    }
    times, own = seen_times(world), checks_by_host(verdict)
    return {
        "result": RESULTS[verdict["verdict"]],
        "configuration": configuration(world.run),
        **tests,
        "headline": headline_of(verdict),
        "verdict": verdict["verdict"],
        "scenario": verdict["scenario"],
        "lab": verdict["lab"],
        "started": verdict["started"],
        "seconds": round(world.now, 3),
        "journal": {
            "file": journal["name"],
            "entries": len(entries),
            "sha256": journal["digest"]["sha256"],
            "head": journal["digest"]["chainHead"],
        },
        "hosts": {
            name: host | of_host(world, name, own.get(name, {}), times.get(name, [])) for name, host in verdict["hosts"].items()
        },
        **{name: verdict[name] for name in CARRIED_OVER if name in verdict},
    }


def configuration(began: RunBegan | None) -> list[dict[str, Any]]:
    """What was run, where, and by which version of the harness."""
    if began is None:
        return []
    found = [{"name": f"scenario {began.scenario}"}, {"name": f"lab {began.lab}"}]
    return [*found, {"name": f"metal3-pivot-harness {began.version}"}] if began.version else found


def checks_by_host(verdict: Verdict) -> dict[str | None, dict[str, list[VerdictWord]]]:
    """Each host -> each check -> what its judgements came to."""
    found: dict[str | None, dict[str, list[VerdictWord]]] = {}
    for check in verdict["checks"]:
        found.setdefault(check["host"], {}).setdefault(check["check"], []).append(check["verdict"])
    return found


def of_host(world: World, name: str, checks: dict[str, list[VerdictWord]], times: list[float]) -> dict[str, Any]:
    """One host: each check by the worst of its judgements, when it was seen, and which sights on it were whole."""
    return {
        "checks": {check: merge(words) for check, words in checks.items()},
        "first_seen": round(min(times), 3) if times else None,
        "last_seen": round(max(times), 3) if times else None,
        "watched": [watched for look in LOOKS if (watched := watched_by(world, look, name))],
    }


def seen_times(world: World) -> dict[str, list[float]]:
    """Each name -> when anything about it was seen first and last, as often as it was told (seconds)."""
    found: dict[str, list[float]] = {}
    for key, versions in world.objects.items():
        found.setdefault(key.name, []).extend((versions[0].entry.at, versions[-1].entry.at))
    for record in (world.requests, world.reads):
        for name, entries in record.items():
            found.setdefault(name, []).extend((entry.at for entry in (entries[0], entries[-1])) if entries else ())
    return found


def watched_by(world: World, look: SightKey, host: str) -> dict[str, Any] | None:
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


def clean(value: Any) -> Any:
    """The same with every text masked that looks like a secret."""
    if isinstance(value, dict):
        return {name_of(name): clean(member) for name, member in value.items()}
    if isinstance(value, list):
        return [clean(member) for member in value]
    return name_of(value) if isinstance(value, str) else value


@lru_cache(1 << 16)
def name_of(text: str) -> str:
    """A text masked; most of them are names that stand there for every host."""
    return masked(text)
