"""`certificate.json`: for each host what was proved, by which witnesses, over which time, and of which journal; signed where asked."""

from pathlib import Path

from harness.report.certificate.envelope import is_envelope, open_envelope
from harness.report.certificate.statement import render_statement
from harness.report.certificate.verify import statement_of
from harness.report.document import Document, JudgedRun

FILE = "certificate.json"


def render_certificate(run: JudgedRun) -> str:
    """The document as JSON text: an in-toto statement, or a DSSE envelope around it.

    A signature that is there already is kept where it still stands for what the run says now.
    """
    if run.signer:
        return run.signer.sign(render_statement(run.verdict, run.entries, run.journal, run.signer.told))
    signed = signed_before(run.journal.with_name(FILE))
    if signed:
        text, payload, signer = signed
        if render_statement(run.verdict, run.entries, run.journal, signer).encode() == payload:
            return text
    return render_statement(run.verdict, run.entries, run.journal)


def signed_before(path: Path) -> tuple[str, bytes, dict[str, str]] | None:
    """The text of a signed certificate, what it holds, and its signer; None where there is none."""
    text = path.read_bytes() if path.is_file() else b""
    signature = open_envelope(text) if is_envelope(text) else None
    statement = statement_of(signature.payload) if signature else None
    if signature is None or statement is None or not isinstance(statement["predicate"].get("signer"), dict):
        return None
    return text.decode(), signature.payload, statement["predicate"]["signer"]


DOCUMENT = Document(FILE, render_certificate)
