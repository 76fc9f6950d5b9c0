"""The wheel, built offline and installed where there is nothing of this tree: it brings scenarios and labs with it."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = (
    "harness",
    "bmc",
    "scenarios",
    "labs",
    "lab*.yaml",
    "pyproject.toml",
    "setup.py",
    "MANIFEST.in",
    "README.md",
    "LICENSE*",
)
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
EMBEDDED_LAB = "the harness's embedded lab"


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, **more)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    place = tmp_path_factory.mktemp("wheel")
    (place / "tree").mkdir()
    found = [path.name for pattern in SOURCES for path in ROOT.glob(pattern)]
    subprocess.run(["cp", "-r", *found, place / "tree"], cwd=ROOT, check=True)
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "all"]):
        subprocess.run(["git", *command], cwd=place / "tree", check=True)
    # What an earlier build left, and what is no scenario, must not get in.
    (place / "tree/build/lib/harness").mkdir(parents=True)
    (place / "tree/build/lib/harness/of_yesterday.py").touch()
    built = run(*PIP, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "-w", place, ".", cwd=place / "tree")
    assert built[0] == 0, built[1]
    return next(place.glob("*.whl"))


@pytest.fixture(scope="module")
def harness(wheel, tmp_path_factory):
    """The installed command, run in an empty folder; the dependencies are those of this environment."""
    target, empty = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("empty")
    assert run(*PIP, "install", "--no-index", "--no-deps", "--target", target, wheel) == (0, "")
    environment = {"PYTHONPATH": str(target), "PATH": os.defpath, "HOME": str(empty)}
    where = run(sys.executable, "-c", "import harness, bmc; print(harness.__file__, bmc.__file__)", env=environment, cwd=empty)
    assert where[1].count(str(target)) == 2, where[1]
    return lambda *arguments: run(target / "bin" / "harness", *arguments, env=environment, cwd=empty)


def test_the_wheel_holds_every_scenario_lab_and_word_and_nothing_of_an_earlier_build(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = [path for pattern in ("scenarios/*.yaml", "labs/*.yaml", "lab*.yaml") for path in ROOT.glob(pattern)]
    words = [path for room in ("steps", "faults", "checks", "cli/commands") for path in (ROOT / "harness" / room).glob("*.py")]
    wanted = {f"harness/shipped/{path.relative_to(ROOT)}" for path in shipped} | {str(path.relative_to(ROOT)) for path in words}
    assert wanted - names == set()
    assert "harness/of_yesterday.py" not in names


@pytest.mark.slow
def test_in_an_empty_folder_the_embedded_lab_is_fit_and_a_pivot_passes(harness):
    code, said = harness("doctor")
    assert code == 0, said
    code, said = harness("run", "--out", "pivot")
    assert code == 0, said


@pytest.mark.slow
def test_a_shipped_scenario_is_found_by_its_name_and_fails_as_it_must(harness):
    code, said = harness("run", "pivot_status_lost", "--out", "lost")
    assert code == 1, said


def test_the_help_says_where_the_default_comes_from(harness):
    assert EMBEDDED_LAB in " ".join(harness("run", "--help")[1].split())


def test_the_version_is_told_with_the_commit_that_it_was_built_from(harness):
    code, said = harness("--version")

    assert code == 0
    assert re.fullmatch(r"harness \d\S* \(commit [0-9a-f]{7,}\)\n", said)
