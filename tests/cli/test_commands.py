"""A command is one file; the version tells what it was made from."""

import re
import subprocess
from pathlib import Path

from tests.overlay import Overlay

GREET = '''
"""harness greet: say hello."""

import sys

from harness.cli.arguments import Help, add_command

HELP = Help(says="say hello", more="It does no more.", examples="harness greet")


def add(commands):
    add_command(commands, "greet", perform, HELP)


def perform(args):
    sys.stdout.write("hello\\n")
    return 0
'''


def test_a_file_among_the_commands_is_a_command(tmp_path):
    overlay = Overlay(tmp_path, {"harness/cli/commands/greet.py": GREET})

    done, helps, misspelt = (overlay.harness(word) for word in ("greet", "--help", "gret"))

    assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "")
    assert re.search(r"^ +greet +say hello$", helps.stdout, re.MULTILINE)
    assert (misspelt.returncode, 'did you mean "greet"?' in misspelt.stderr) == (2, True)


def test_a_broken_command_ends_nothing_but_itself_and_the_help(tmp_path):
    overlay = Overlay(tmp_path, {"harness/cli/commands/greet.py": "import nothing_of_that_name\n"})

    assert overlay.harness("words", "move").returncode == 0
    broken = overlay.harness("greet")
    assert broken.returncode == 5
    assert "No module named 'nothing_of_that_name'" in broken.stderr
    assert "Traceback" not in broken.stderr


def test_the_help_lists_commands_in_alphabetical_order(tmp_path):
    helps = Overlay(tmp_path, {}).harness("--help").stdout

    listed = re.findall(r"^    ([a-z]+) ", helps, re.MULTILINE)
    assert listed == sorted(listed)
    assert {"import", "run"} <= set(listed)


def test_a_copy_without_git_says_that_its_commit_is_unknown(tmp_path):
    done = Overlay(tmp_path, {}).harness("--version")

    assert done.returncode == 0
    assert re.fullmatch(r"harness \d\S* \(commit unknown\)\n", done.stdout)


def test_an_installed_package_tells_the_commit_it_was_built_from(tmp_path):
    done = Overlay(tmp_path, {"harness/commit.txt": "0123abc\n"}).harness("--version")

    assert done.stdout.endswith(" (commit 0123abc)\n")


def test_a_checkout_tells_its_commit(tmp_path):
    overlay = Overlay(tmp_path, {})
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "all"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    clean = overlay.harness("--version").stdout
    Path(tmp_path / "lab.yaml").write_text("changed\n")
    dirty = overlay.harness("--version").stdout

    named = re.search(r"\(commit ([0-9a-f]+)\)", clean)[1]
    assert head.startswith(named)
    assert f"(commit {named}-dirty)" in dirty
