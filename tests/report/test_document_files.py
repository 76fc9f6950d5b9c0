"""A file among the documents is one: it is found and written without an edit elsewhere."""

from harness.verdict.judge import write_verdict
from tests.overlay import Overlay

HOSTS = '''
"""`hosts.txt`: the hosts."""

from harness.report.document import Document

DOCUMENT = Document("hosts.txt", lambda run: f"{len(run.entries)} entries: {' '.join(run.verdict['hosts'])}\\n")
'''


def test_a_file_among_the_documents_is_one(entries, verdict, tmp_path):
    overlay = Overlay(tmp_path / "copy", {"harness/report/documents/hosts.py": HOSTS})
    write_verdict(tmp_path / "run", verdict)

    done = overlay.harness("report", str(tmp_path / "run"))

    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "run" / "hosts.txt").read_text() == f"{len(entries)} entries: {' '.join(verdict['hosts'])}\n"
