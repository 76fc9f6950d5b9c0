"""harness judge: judge a recorded run again, or try the judge itself with a catalogue of defects."""

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli.arguments import (
    Help,
    Subparsers,
    add_command,
    add_directory,
    add_sign_key,
    add_words,
    natural,
    signer_of,
    words_of,
)
from harness.cli.conclusion import conclude, note_superseded, print_verdict
from harness.errors import JournalError, UnwrittenVerdictError, UsageError
from harness.files.problems import advice, quote
from harness.journal.journal import FILE_NAME, read
from harness.journal.run_directory import VERDICT_FILE, existing_run
from harness.judgement import VerdictWord

if TYPE_CHECKING:
    from harness.report.certificate.envelope import Signer

HELP = Help(
    says="judge a recorded run again",
    more="""
Verdicts are functions of the journal alone, so they can be computed again at any time and without a lab. Without --check
the run's own expectations are judged, and verdict.json and the documents are written again; with --check nothing is written.

With --mutate the judge itself is tried: each class of defects of the catalogue (`harness words --catalogue` lists them) is
planted in a copy of the run in memory, as every witness would have seen it, and beside it a benign twin. The run must pass.
The table tells for each class what was found, missed or wrongly told, and how many twins were taken for defects; at its end
stands what a run of this lab cannot find, and which witness it lacks for that. Exit code 0 only where nothing was missed and
no twin failed, else 1. Nothing is written but FILE.

With --ablate the run, whatever its verdict, is judged as if less of it had been seen: each sight, cluster, kind and host never
had, begun late, lost for good, for some seconds, or ended early. Seeing less may make a verdict unknown, and must turn none to
pass or to fail: exit code 0 only where none turned, else 1. It takes minutes; --every N tries each N-th only.
""",
    examples="""
harness judge runs/20260101T120000Z-pivot
harness judge runs/20260101T120000Z-pivot --check bmc_untouched --check one_owner
harness judge runs/20260101T120000Z-pivot --mutate
harness judge runs/20260101T120000Z-pivot --mutate --class media_inserted --seeds 5 --json found.json
harness judge runs/20260101T120000Z-pivot --ablate --every 20
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "judge", perform, HELP)
    add_directory(parser, "a run directory")
    says = "judge by this check instead, or by the scenario's own promise of this name (may be given more than once)"
    parser.add_argument("--check", action="append", default=[], dest="checks", metavar="WORD", help=says)
    add_words(parser)
    add_sign_key(parser)
    parser.add_argument("--mutate", action="store_true", help="plant defects in this run, and tell which the judge finds")
    says = "plant only this class (may be given more than once; `harness words --catalogue` lists them)"
    parser.add_argument("--class", action="append", default=[], dest="classes", metavar="WORD", help=says)
    says = "plant each class N times, at other times and on other hosts (default: 1)"
    parser.add_argument("--seeds", type=natural, default=1, metavar="N", help=says)
    parser.add_argument(
        "--ablate", action="store_true", help="judge the run with less than was seen, and tell which verdicts turn"
    )
    says = "with --ablate: try each N-th way of seeing less only (default: 1, all)"
    parser.add_argument("--every", type=natural, default=None, metavar="N", help=says)
    says = "write what came of every planting, or which verdicts turned, to FILE"
    parser.add_argument("--json", type=Path, metavar="FILE", help=says)


def perform(args: argparse.Namespace) -> int:
    """Judge the run, or try the judge on it."""
    from harness.cli.ablation import ablate_run
    from harness.cli.mutation import mutate
    from harness.verdict.judge import judge_directory, own_promises

    directory = existing_run(args.directory)
    refuse_misplaced(args)
    if args.mutate:
        return mutate(directory, args.classes, args.seeds, args.json)
    if args.ablate:
        return ablate_run(directory, args.every or 1, args.json)
    signer = signer_of(args)
    words = words_of(args)
    known = words.names("check")
    if set(args.checks) - set(known):
        # A wrong word is told before a journal that cannot be read.
        with contextlib.suppress(JournalError):
            known = [*known, *own_promises(read(directory / FILE_NAME))]
        refuse_unknown(args.checks, known)
    refuse_empty(directory)
    if args.checks:
        return print_verdict(judge_directory(directory, args.checks, words))
    return conclude(write_papers(directory, judge_directory(directory, [], words), signer), directory)


def write_papers(directory: Path, verdict: dict[str, Any], signer: "Signer | None") -> VerdictWord:
    """Write verdict and documents of a run; UnwrittenVerdictError where they cannot be written, after the verdict was printed."""
    from harness.report.write import read_verdict, write_reports
    from harness.verdict.judge import uncollected, write_verdict

    word: VerdictWord = verdict["verdict"]
    told: dict[str, Any] | None = verdict
    try:
        write_verdict(directory, verdict)
        # The verdict of a long journal is long, and the documents take their own copy.
        del verdict
        told = None
        with uncollected():
            note_superseded(write_reports(directory, signer))
    except OSError as error:
        print_verdict(told or read_verdict(directory / VERDICT_FILE))
        raise UnwrittenVerdictError(directory, word, error) from error
    return word


def refuse_misplaced(args: argparse.Namespace) -> None:
    """UsageError for options that go with another way to try the judge."""
    if args.mutate and args.ablate:
        raise UsageError("--mutate and --ablate are two ways to try the judge; give one of them")
    if args.sign_key and (args.checks or args.mutate or args.ablate):
        raise UsageError(
            "--sign-key signs the certificate of the whole judgement; it does not go with --check, --mutate or --ablate"
        )
    if args.classes and not args.mutate:
        raise UsageError("--class says which defects are planted; it goes with --mutate")
    if args.json and not (args.mutate or args.ablate):
        raise UsageError("--json writes how the judge was tried; it goes with --mutate or --ablate")
    if args.every and not args.ablate:
        raise UsageError("--every says how often less is seen; it goes with --ablate")


def refuse_empty(directory: Path) -> None:
    """UsageError for a journal without an entry: whatever it is, no verdict is in it."""
    if next(read(directory / FILE_NAME), None) is None:
        raise UsageError(f"{directory / FILE_NAME}: no entry is in it; the run ended before its first, or this is no journal")


def refuse_unknown(checks: list[str], known: list[str]) -> None:
    """UsageError for the checks that are not known, all of them in one."""
    wrong = [f"there is no check {quote(word)}{advice(word, known)}" for word in checks if word not in known]
    if wrong:
        raise UsageError("\n".join(wrong))
