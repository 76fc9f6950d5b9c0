"""`certificate.json`: for each host what was proved, by which witnesses, over which time, and of which journal; signed where asked."""

from pathlib import Path
from typing import NamedTuple

from harness.report.certificate.envelope import is_envelope, open_envelope
from harness.report.certificate.statement import render_statement
from harness.report.certificate.verify import opened_envelope
from harness.report.document import Document, JudgedRun

FILE = "certificate.json"


class SignedCertificate(NamedTuple):
    """The text of a signed certificate, the statement in it, and what that tells of its signer."""

    text: str
    payload: bytes
    signer: dict[str, str]


def render_certificate(run: JudgedRun) -> str:
    """The document as JSON text: an in-toto statement, or a DSSE envelope around it.

    A signature that is there already is kept where it still stands for what the run says now.
    """
    before = signed_before(run.journal.with_name(FILE))
    signer = run.signer.told if run.signer else before and before.signer
    statement = render_statement(run.verdict, run.entries, run.journal, signer)
    if before and before.payload == statement.encode():
        return before.text
    if run.signer:
        return run.signer.sign(statement)
    return render_statement(run.verdict, run.entries, run.journal) if signer else statement


def signed_before(path: Path) -> SignedCertificate | None:
    """The signed certificate that is there already; None where there is none, or none that is whole."""
    text = path.read_bytes() if path.is_file() else b""
    signature = open_envelope(text) if is_envelope(text) else None
    found = opened_envelope(path, text).statement if signature else None
    return SignedCertificate(text.decode(), signature.payload, found["predicate"]["signer"]) if signature and found else None


DOCUMENT = Document(FILE, render_certificate)
