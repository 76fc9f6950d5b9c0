"""Directories for a while: gone with their makers, or with the next one."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import pytest

from harness.files.scratch import remove_abandoned, scratch_directory

HOLD = """
import sys
from harness.files.scratch import scratch_directory
with scratch_directory("for-a-while-") as place:
    (place / "secret").write_text("x")
    print(place, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def maker(temporary):
    """A process that has a directory, and where that is."""
    environment = os.environ | {"TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().strip()


def ended(process):
    process.send_signal(signal.SIGKILL)
    with process:
        process.wait(10)


def test_it_is_private_and_gone_at_the_end(temporary):
    with scratch_directory("for-a-while-") as place:
        assert place.stat().st_mode & 0o777 == 0o700
    assert list(temporary.iterdir()) == []


def test_what_a_killed_maker_left_goes_with_the_next_one_and_what_a_living_one_has_stays(temporary):
    killed, left = maker(temporary)
    living, used = maker(temporary)
    ended(killed)
    assert {str(path) for path in temporary.iterdir()} == {left, used}

    with scratch_directory("for-a-while-") as place:
        assert {str(path) for path in temporary.iterdir()} == {used, str(place)}
    ended(living)


@pytest.mark.parametrize("kind", ["a link", "nothing tells whose it is", "another prefix"])
def test_what_cannot_be_told_to_be_abandoned_stays(temporary, kind):
    killed, left = maker(temporary)
    ended(killed)
    prefix = "for-a-while-"
    if kind == "a link":
        pathlib.Path(left).rename(temporary / "theirs")
        pathlib.Path(left).symlink_to(temporary / "theirs")
    elif kind == "nothing tells whose it is":
        pathlib.Path(f"{left}/held").unlink()
    else:
        prefix = "for-another-while-"
    before = sorted(temporary.rglob("*"))

    remove_abandoned(prefix)

    assert sorted(temporary.rglob("*")) == before
    assert pathlib.Path(f"{left}/secret").exists()
