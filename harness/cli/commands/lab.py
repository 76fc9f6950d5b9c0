"""harness lab: keep an embedded lab running, for the harness and for any other client."""

import argparse
from pathlib import Path

import msgspec

from harness.cli.arguments import Help, Subparsers, add_command, add_directory, add_lab
from harness.errors import UsageError
from harness.journal.run_directory import make_run_directory

HELP = Help(
    says="keep an embedded lab running: up, down",
    more="""
`up` switches the lab on and writes DIR/lab.yaml, an ordinary lab file with kubeconfigs and the addresses of BMCs and Ironics. It
stays up until Ctrl-C, or with --detach until `down`.
""",
    examples="""
harness lab up --dir /tmp/lab --detach
harness run --lab /tmp/lab/lab.yaml
kubectl --kubeconfig /tmp/lab/source.kubeconfig get baremetalhosts -A
harness lab down /tmp/lab
""",
)


def add(commands: Subparsers) -> None:
    """Add the command and its two own commands."""
    parser = add_command(commands, "lab", up, HELP)
    own = parser.add_subparsers(metavar="up|down", dest="lab_command", required=True)
    parser_up = add_command(own, "up", up, msgspec.structs.replace(HELP, says="switch an embedded lab on, and keep it running"))
    add_lab(parser_up)
    says = "where the lab keeps its files (must be empty)"
    parser_up.add_argument("--dir", type=Path, required=True, dest="place", metavar="DIR", help=says)
    parser_up.add_argument("--detach", action="store_true", help="come back when it is up, and leave it running")
    parser_down = add_command(own, "down", down, msgspec.structs.replace(HELP, says="switch it off again"))
    add_directory(parser_down, "the directory that was given to `harness lab up`")


def up(args: argparse.Namespace) -> int:
    """Switch it on."""
    from harness.bench.switch_on import lab_up, make_ready
    from harness.lab.file import load_lab
    from harness.lab.model import EmbeddedLab

    lab = load_lab(args.lab)
    if not isinstance(lab, EmbeddedLab):
        raise UsageError(f"{args.lab}: this lab is there already; `harness lab up` is for files with `embedded:`")
    make_ready(lab, args.place)
    args.directory = make_run_directory(args.place, "lab")
    # Its processes have directories of their own to run in.
    return int(lab_up(lab, args.directory.resolve(), detach=args.detach))


def down(args: argparse.Namespace) -> int:
    """Switch it off."""
    from harness.bench.switch_on import lab_down

    if not args.directory.is_dir():
        raise UsageError(f"{args.directory}: there is no such directory; name the one given to `harness lab up --dir`")
    return int(lab_down(args.directory.resolve()))
