"""The end of a command that judged: table, stories, verdict, and where the proof is."""

import sys
from pathlib import Path
from typing import Any

from harness.exits import exit_of_verdict
from harness.files.problems import printable
from harness.judgement import VerdictWord

EVIDENCE_MAX = 8


def conclude(verdict: VerdictWord, directory: Path) -> int:
    """Print the verdict of a judged run directory; returns its exit code."""
    from harness.report.terminal import print_conclusion

    print_conclusion(directory)
    sys.stdout.write(f"see {directory / 'report.html'}\n")
    return exit_of_verdict(verdict)


def note_superseded(written: list[Path]) -> None:
    """Tell where a signed certificate went that no longer says what the run says."""
    from harness.report.write import SUPERSEDED

    aside = [path for path in written if path.name == SUPERSEDED]
    cure = "sign the new one by --sign-key"
    sys.stderr.writelines(
        f"{path}: the signed certificate, which says something else than the run does now; {cure}\n" for path in aside
    )


def print_verdict(verdict: dict[str, Any]) -> int:
    """Print a verdict that is not saved: every judgement and a summary line; returns the exit code."""
    lines = [line_of(check) for check in verdict["checks"]]
    sys.stdout.writelines(f"{line}\n" for line in [*lines, verdict["verdict"]])
    return exit_of_verdict(verdict["verdict"])


def line_of(check: dict[str, Any]) -> str:
    """One judgement on one line, with the entries of the journal that prove it."""
    entries = check["evidence"]
    more = ", ..." if len(entries) > EVIDENCE_MAX else ""
    proof = f" (entries {', '.join(map(str, entries[:EVIDENCE_MAX]))}{more})" if entries else ""
    return printable(f"{check['verdict']:8}{check['host'] or 'run'}: {check['check']}: {check['says']}{proof}")
