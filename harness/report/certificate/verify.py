"""Is a certificate whole, of this journal, and signed by whom? Every single change of certificate, journal or verdict is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from harness.journal.chain import Chain
from harness.journal.chain import is_whole as is_line_whole
from harness.journal.run_directory import VERDICT_FILE
from harness.report.certificate.envelope import PublicKey, is_envelope, is_signed_by, open_envelope, public_key
from harness.report.certificate.statement import COPIED, PREDICATE_TYPE, RESULTS, STATEMENT_TYPE, clean, digest_of, is_whole

MADE_AGAIN = "get it again from where it was made"
UNREADABLE = "changed or cut, or no certificate of ours"
OLD = "a certificate of before there was anything to verify; `harness judge` of its run makes a new one, or"
RESTORE = "restore it from its copy, or name the run by --run"


class Examined(NamedTuple):
    """What came of it. `wrong`: everything that does not fit, each with its cure; `statement`: the whole one, None where there is none.

    `keyid`: of the key that signed it; empty where nobody did.
    """

    wrong: list[str]
    statement: dict[str, Any] | None
    keyid: str = ""


def verify(certificate: Path, text: bytes, run: Path, key: PublicKey | None = None) -> Examined:
    """Examine a certificate of this text beside the run directory that it is said to be of.

    `key` must have signed it, where one is given.
    """
    opened = opened_envelope(certificate, text, key) if is_envelope(text) else bare_statement(certificate, text, key)
    if opened.wrong or opened.statement is None:
        return opened
    told = opened.statement["predicate"]
    journal = Path(told["journal"]["file"]).name
    wrong = list(journal_changes(run / journal, told))
    for subject in opened.statement["subject"]:
        if subject["name"] != journal:
            wrong += file_changes(run / Path(subject["name"]).name, subject["digest"]["sha256"])
    return opened._replace(wrong=wrong or list(contradictions(certificate, told, run / VERDICT_FILE)))


# --- the certificate itself ---


def changed(certificate: Path, what: str = UNREADABLE) -> Examined:
    """A certificate of which nothing can be believed."""
    return Examined([f"{certificate}: {what}; {MADE_AGAIN}"], None)


def bare_statement(certificate: Path, text: bytes, key: PublicKey | None) -> Examined:
    """A certificate that nobody signed."""
    statement = statement_of(text)
    if statement is None:
        return changed(certificate, OLD if is_of_before(text) else UNREADABLE)
    if "signer" in statement["predicate"]:
        return changed(certificate, "its signature was taken away")
    unsigned = f"{certificate}: is not signed, and --key demands it; sign with `harness judge DIR --sign-key FILE`"
    return Examined([unsigned] if key else [], statement)


def opened_envelope(certificate: Path, text: bytes, key: PublicKey | None = None) -> Examined:
    """A certificate that says that it was signed."""
    signature = open_envelope(text)
    statement = statement_of(signature.payload) if signature else None
    if signature is None or statement is None:
        return changed(certificate)
    signer = statement["predicate"].get("signer")
    own = public_key(str(signer.get("publicKey")).encode()) if isinstance(signer, dict) else None
    if own is None or own.keyid != signature.keyid or not is_signed_by(signature, own):
        return changed(certificate, "the signature does not fit what is signed")
    if key and key.keyid != own.keyid:
        other = f"{certificate}: is signed with another key ({own.keyid}), not with that of --key ({key.keyid}); ask its signer for his"
        return Examined([other], statement, own.keyid)
    return Examined([], statement, own.keyid)


def statement_of(text: bytes) -> dict[str, Any] | None:
    """The statement of this text, where it is whole and of ours."""
    if not is_whole(text):
        return None
    try:
        statement = msgspec.json.decode(text, type=dict[str, Any])
        ours = (statement["_type"], statement["predicateType"]) == (STATEMENT_TYPE, PREDICATE_TYPE)
        has_all = {"file", "entries", "sha256", "head"} <= set(statement["predicate"]["journal"]) and statement["subject"]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return None
    return statement if ours and has_all else None


def is_of_before(text: bytes) -> bool:
    """Is this a certificate of the first version, which was no statement?"""
    try:
        found = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return "_type" not in found and {"verdict", "hosts", "journal"} <= set(found)


# --- what it is about ---


def contradictions(certificate: Path, told: dict[str, Any], verdict_file: Path) -> Iterator[str]:
    """What it states otherwise than the verdict that it certifies: a certificate that somebody made by hand."""
    verdict = msgspec.json.decode(verdict_file.read_bytes(), type=dict[str, Any]) if verdict_file.is_file() else {}
    wrong = [name for name in COPIED if name in verdict and told.get(name) != clean(verdict[name])]
    if verdict and told.get("result") != RESULTS.get(verdict.get("verdict", "")):
        wrong.append("result")
    if wrong:
        yield f"{certificate}: states {', '.join(wrong)} otherwise than {verdict_file.name}, which it certifies; {MADE_AGAIN}"


def journal_changes(path: Path, told: dict[str, Any]) -> Iterator[str]:
    """How the journal differs from the one that was certified, with the first line that does."""
    if not path.is_file():
        yield f"{path}: there is no such journal; name its run directory by --run"
        return
    if digest_of(path) == told["journal"]["sha256"]:
        return
    lines, chain = told["journal"]["entries"], Chain()
    with path.open("rb") as file:
        for line in file:
            if chain.length == lines:
                yield of_more(path, chain, told)
                return
            if not line.endswith(b"\n"):
                yield f"{path}: its last line is torn, entry {chain.length} of {lines}: it is cut, or still being written; {RESTORE}"
                return
            if not (is_line_whole(line[:-1]) and chain.holds(line[:-1])):
                yield of_a_line(path, chain)
                return
    yield of_less(path, chain, told)


def of_more(path: Path, chain: Chain, told: dict[str, Any]) -> str:
    """A journal that goes on where the certified one ended, or another one."""
    if chain.head != told["journal"]["head"]:
        return of_another(path, told)
    more = "it is still being written, or was added to: judge it again when its run has ended"
    return f"{path}: goes on after entry {chain.length - 1}, the last one that was certified; {more}"


def of_less(path: Path, chain: Chain, told: dict[str, Any]) -> str:
    """A journal whose lines are all whole, but are not those that were certified."""
    lines = told["journal"]["entries"]
    if chain.length < lines:
        return f"{path}: cut, or of another run: it has {chain.length} entries, and {lines} were certified; {RESTORE}"
    return of_another(path, told)


def of_a_line(path: Path, chain: Chain) -> str:
    """The line at which a journal is broken."""
    what = "changed, or lines before it were changed, left out, doubled or moved"
    return f"{path}:{max(chain.length, 1)}: {what}; {RESTORE}"


def of_another(path: Path, told: dict[str, Any]) -> str:
    """A journal that is whole, and not the one that was certified."""
    return f"{path}: another journal than that of {told['scenario']} on {told['lab']}, {told['started']}; name its run by --run"


def file_changes(path: Path, digest: str) -> list[str]:
    """Is this file not the one that was certified?"""
    if not path.is_file():
        return [f"{path}: is not there; `harness judge` of the run makes it again"]
    return [] if digest_of(path) == digest else [f"{path}: changed; `harness judge` of the run makes it again"]
