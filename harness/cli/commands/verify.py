"""harness verify: is a certificate whole, of this journal, and signed by whom?"""

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

from harness.cli.arguments import Help, Subparsers, add_command, add_words, words_of
from harness.errors import UsageError
from harness.files.problems import printable
from harness.journal.journal import FILE_NAME, read
from harness.journal.run_directory import VERDICT_FILE

HELP = Help(
    says="is a certificate whole, of this journal, and signed by whom?",
    more="""
The certificate, the journal and verdict.json of its run must be byte for byte those that were certified: one that is changed, cut,
re-ordered or of another journal is named, with the line. Then the journal is judged again, and must say the same. An unsigned
certificate is said to be so: whoever can change it can make it anew. With --key it must bear that key's signature.
Exit code 0 where all of that holds, else 2. Nothing is written.
""",
    examples="""
harness verify runs/20260101T120000Z-pivot/certificate.json
harness verify certificate.json --run evidence/release-1.13 --key sign.pub
""",
)


def add(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(commands, "verify", perform, HELP)
    parser.add_argument("certificate", type=Path, metavar="CERTIFICATE", help="a certificate.json")
    says = "the run directory that it is of (default: where the certificate lies)"
    parser.add_argument("--run", type=Path, metavar="DIR", help=says)
    says = "the public key, a PEM file, that must have signed it"
    parser.add_argument("--key", type=Path, metavar="FILE", help=says)
    add_words(parser)


def perform(args: argparse.Namespace) -> int:
    """Verify it, and say so."""
    from harness.report.certificate.envelope import read_public_key
    from harness.report.certificate.verify import verify

    key = read_public_key(args.key) if args.key else None
    run = args.run or args.certificate.parent
    text = text_of(args.certificate)
    if not (run / FILE_NAME).is_file():
        raise UsageError(f"{run}: no {FILE_NAME} is there, and a certificate is of one; name its run directory by --run")
    found = verify(args.certificate, text, run, key)
    if found.wrong or found.statement is None:
        raise UsageError("\n".join(found.wrong))
    predicate = found.statement["predicate"]
    again = judged_again(args, run, predicate)
    signer = predicate.get("signer", {})
    signed = f"signed with {signer.get('scheme')} key {found.keyid}" if signer else "unsigned: who can change it can make it anew"
    whose = ("" if args.key else "; whose key that is only --key can tell") if signer else ""
    told = [
        f"{args.certificate}: whole, of {run / FILE_NAME} ({predicate['journal']['entries']} entries)",
        f"{predicate['verdict']}: {predicate['headline']}",
        again,
        f"{signed}{whose}",
    ]
    sys.stdout.writelines(f"{printable(line)}\n" for line in told)
    return 0


def text_of(certificate: Path) -> bytes:
    """What stands in the certificate; UsageError, with the cure, where nothing can be read."""
    try:
        return certificate.read_bytes()
    except IsADirectoryError:
        raise UsageError(f"{certificate}: this is a directory; name its certificate.json") from None
    except OSError as error:
        raise UsageError(
            f"{certificate}: no certificate can be read there ({error.strerror}); `harness judge` makes one"
        ) from None


def judged_again(args: argparse.Namespace, run: Path, predicate: dict[str, Any]) -> str:
    """That the journal says what the certificate says; UsageError where it does not."""
    from harness.cli.version import version
    from harness.report.write import read_verdict
    from harness.verdict.judge import judge_entries

    entries = list(read(run / FILE_NAME))
    words = words_of(args)
    began = entries[0].fact if entries else None
    missing = sorted(set(getattr(began, "words", {})) - set(words.origins()))
    if missing:
        return f"not judged again: {', '.join(missing)} is not here; give its directory by --words"
    verdict = judge_entries(entries, words=words)
    says = verdict["verdict"]
    if says != predicate["verdict"]:
        by = f"the version here ({version()}) judges its journal to be {says}"
        raise UsageError(f"{args.certificate}: says {predicate['verdict']}, and {by}; `harness judge {run}` tells why")
    same = msgspec.json.decode(msgspec.json.encode(verdict)) == read_verdict(run / VERDICT_FILE)
    return f"judged again by this version: {says}, too{'' if same else '; how it is told differs, as another version may'}"
