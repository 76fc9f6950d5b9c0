"""The last lines of a command that judged: what is not well, the verdict, and where its proof is."""

import sys
from pathlib import Path
from typing import Any

from harness.exits import exit_of_verdict
from harness.judgement import VerdictWord
from harness.problems import printable

EVIDENCE_MAX = 8


def conclude(verdict: VerdictWord, directory: Path) -> int:
    """Print verdict and place; the exit code of the verdict."""
    sys.stdout.write(f"{verdict:8}{directory}\n")
    return exit_of_verdict(verdict)


def tell(verdict: dict[str, Any]) -> None:
    """Print what `verdict.json` says in brief: every judgement that is no pass, and a line for each claimed host."""
    lines = [line_of(check) for check in verdict["checks"] if check["verdict"] != "pass"]
    lines += [printable(f"{host['verdict']:8}{name}") for name, host in verdict["hosts"].items()]
    sys.stdout.writelines(f"{line}\n" for line in lines or ["no claimed hosts"])


def line_of(check: dict[str, Any]) -> str:
    """One judgement on one line, with the entries of the journal that prove it."""
    entries = check["evidence"]
    more = ", ..." if len(entries) > EVIDENCE_MAX else ""
    proof = f" (entries {', '.join(map(str, entries[:EVIDENCE_MAX]))}{more})" if entries else ""
    return printable(f"{check['verdict']:8}{check['host'] or 'run'}: {check['check']}: {check['says']}{proof}")
