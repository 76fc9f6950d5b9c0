"""Words of a user's own, brought without a change to this tree: by an installed package, by `--words`, by `words:` in a lab file."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.exits import Exit
from harness.journal.journal import FILE_NAME, read
from harness.kube.client import open_cluster

ROOT = Path(__file__).parents[2]
SECONDS = 100
DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/baremetalhosts.metal3.io"
LAB = "embedded: {hosts: 1, spares: 0, speed: 40}\n"

STEP = '''"""The lab has hosts."""

from harness.bench.bench import Bench
from harness.errors import StepFailedError
from harness.world.hosts import promised

from ..checks import _shared


async def step(bench: Bench, *, least: int = 1) -> None:
    """Count them."""
    if len(promised(bench.world)) < max(least, _shared.LEAST):
        raise StepFailedError("there are too few")
'''
FAULT = '''"""A label of ours is on the definition of hosts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.lab.undo import Undo, UndoAccess
from harness.scenario.effect import Effect

DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/baremetalhosts.metal3.io"


class Unmark(Undo):
    """The label is gone again."""

    cluster: str

    async def undo(self, access: UndoAccess) -> None:
        """Take it away."""
        await access.clusters[self.cluster].patch_merge(DEFINITION, {"metadata": {"labels": {"outside": None}}})


@asynccontextmanager
async def fault(bench: Bench, *, cluster: Side = "source") -> AsyncIterator[Effect]:
    """Put it there."""
    effect = Effect()
    async with bench.writing(f"cluster {cluster}", "mark the definition", undo=Unmark(cluster=cluster)) as write:
        await bench.clusters[cluster].patch_merge(DEFINITION, {"metadata": {"labels": {"outside": "marked"}}})
    effect.happened("it was marked")
    yield effect
    await bench.clusters[cluster].patch_merge(DEFINITION, {"metadata": {"labels": {"outside": None}}})
    bench.undone(write)
'''
CHECK = '''"""Every host was seen."""

from collections.abc import Iterator

from harness.judgement import Judgement, passed
from harness.world.hosts import promised
from harness.world.world import World


def check(world: World) -> Iterator[Judgement]:
    """One judgement a host."""
    for host in promised(world):
        yield passed("it was seen", host.name)
'''
WORDS = {"steps/hosts_counted": STEP, "faults/marked": FAULT, "checks/hosts_seen": CHECK, "checks/_shared": "LEAST = 1\n"}
NAMES = ("hosts_counted", "marked", "hosts_seen")
STORY = """
steps:
  - hosts_counted: {least: 1}
  - under: marked
    steps: [hosts_counted]
expect: [hosts_seen]
"""

pytestmark = pytest.mark.timeout(SECONDS)


def harness(*arguments: str | Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", *map(str, arguments)]
    environment = os.environ | {"PATH": "/usr/bin:/bin"} | ({"PYTHONPATH": str(path)} if path else {})
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)


def put(place: Path, words: dict[str, str]) -> Path:
    for name, text in words.items():
        file = place / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return place


def install(site: Path, words: dict[str, str]) -> Path:
    """What `pip install` leaves of a package with an entry point for words."""
    put(site / "our_words", {"__init__": "", **words})
    about = site / "our_words-1.2.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: our-words\nVersion: 1.2\n")
    (about / "entry_points.txt").write_text("[metal3_pivot_harness.words]\nours = our_words\n")
    return site


@pytest.fixture
def place(tmp_path) -> Path:
    (tmp_path / "story.yaml").write_text(STORY)
    (tmp_path / "lab.yaml").write_text(LAB)
    return tmp_path


@pytest.fixture(params=["an installed package", "--words", "a lab file"])
def brought(request, place):
    """The options of `run`, those of the other commands, what goes on the path, and what a journal says of the origin."""
    if request.param == "an installed package":
        return [], [], install(place / "site", WORDS), "the installed package our-words 1.2"
    ours = put(place / "our-words", WORDS)
    if request.param == "--words":
        return ["--words", ours], ["--words", ours], None, str(ours)
    (place / "lab.yaml").write_text(f"{LAB}words: ./our-words\n")
    return [], ["--words", ours], None, str(ours)


def test_they_are_listed_run_and_judged_and_without_them_the_verdict_is_unknown_with_its_cure(brought, place):
    of_run, of_others, path, origin = brought
    lab = ["--lab", place / "lab.yaml"]
    listed = harness("words", *of_run, *lab, path=path)
    ran = harness("run", place / "story.yaml", *lab, *of_run, "--out", place / "run", path=path)
    verdict = (place / "run" / "verdict.json").read_bytes()
    again = harness("judge", place / "run", *of_others, path=path)

    assert listed.returncode == 0, listed.stderr
    assert all(f"  {name}" in listed.stdout for name in NAMES)
    assert f"({origin})" in listed.stdout
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert [(it["check"], it["host"], it["verdict"]) for it in json.loads(verdict)["checks"]] == [
        ("hosts_seen", "node-0", "pass"),
        ("move_completes", None, "unknown"),
        ("run_completes", None, "pass"),
    ]
    assert next(read(place / "run" / FILE_NAME)).fact.words == {
        "step hosts_counted": origin,
        "fault marked": origin,
        "check hosts_seen": origin,
    }
    assert again.returncode == 3
    assert (place / "run" / "verdict.json").read_bytes() == verdict

    elsewhere = harness("judge", place / "run")
    assert elsewhere.returncode == 3
    assert "".join(f"check hosts_seen came from {origin}, and is not here".split()) in "".join(elsewhere.stdout.split())


@pytest.fixture
def lab(place) -> Iterator[Path]:
    """A lab that is kept running, made of a lab file that names the words; `plain.yaml` does not name them."""
    put(place / "our-words", WORDS)
    (place / "lab.yaml").write_text(f"{LAB}words: ./our-words\n")
    up = harness("lab", "up", "--lab", place / "lab.yaml", "--dir", place / "lab", "--detach")
    assert up.returncode == 0, up.stderr
    yield place / "lab"
    assert harness("lab", "down", place / "lab").returncode == 0


@pytest.mark.timeout(3 * SECONDS)  # two runs, and seven commands beside them
def test_what_a_killed_run_left_is_undone_by_the_word_that_wrote_it(lab, place):
    lines = (lab / "lab.yaml").read_text().splitlines()
    assert lines[-1] == f'words: "{place / "our-words"}"'
    (lab / "plain.yaml").write_text("\n".join(lines[:-1]))
    words = ["--words", place / "our-words"]
    kill_in_hold(place, lab / "plain.yaml", words, place / "without")
    assert mark_of(lab) == "marked"
    without, given = harness("recover", place / "without"), harness("recover", place / "without", *words)

    assert without.returncode == 3
    assert "undone: scale" in without.stdout
    assert f"left: mark the definition: fault marked came from {place / 'our-words'}, and is not here; give its directory by" in (
        without.stdout
    )
    assert given.returncode == 0
    assert given.stdout.splitlines() == ["undone: mark the definition", f"all is as it was found  {place / 'without'}"]
    assert mark_of(lab) is None

    kill_in_hold(place, lab / "lab.yaml", [], place / "named")
    assert mark_of(lab) == "marked"
    assert harness("recover", place / "named").returncode == 0
    assert mark_of(lab) is None
    assert "nothing to undo" in harness("recover", place / "named").stdout


HOLD = """
steps:
  - stop_bmo: source
  - under: marked
    steps:
      - settle: 600s
expect: [hosts_seen]
"""


def kill_in_hold(place: Path, lab: Path, words: list[str | Path], out: Path) -> None:
    """Kill a run whose fault is in and which waits."""
    (place / "hold.yaml").write_text(HOLD)
    command = ["run", place / "hold.yaml", "--lab", lab, "--out", out, *words]
    with (place / "screen").open("wb") as screen:
        process = subprocess.Popen([sys.executable, "-m", "harness", *map(str, command)], cwd=ROOT, stdout=screen, stderr=screen)
    until = time.monotonic() + SECONDS
    while not (out / FILE_NAME).exists() or not any(getattr(it.fact, "word", "") == "settle" for it in read(out / FILE_NAME)):
        assert time.monotonic() < until, (place / "screen").read_text()
        assert process.poll() is None, (place / "screen").read_text()
        time.sleep(0.05)
    process.kill()
    process.wait()


def mark_of(lab: Path) -> str | None:
    async def ask() -> str | None:
        async with open_cluster(lab / "source.kubeconfig") as cluster:
            return (await cluster.get_json(DEFINITION))["metadata"]["labels"].get("outside")

    return asyncio.run(ask())


def test_a_step_of_ones_own_that_crashes_is_its_authors_mistake(place):
    text = '"""It crashes."""\n\n\nasync def step(bench) -> None:\n    {}["nothing"]\n'
    put(place / "our-words", {**WORDS, "steps/crashes": text})
    (place / "story.yaml").write_text("steps: [{under: marked, steps: [crashes]}]\nexpect: [hosts_seen]\n")
    options = ["--lab", place / "lab.yaml", "--words", place / "our-words"]
    done = harness("run", place / "story.yaml", *options, "--out", place / "run")

    assert done.returncode == 2, done.stdout + done.stderr
    assert f"{place}/our-words/steps/crashes.py:5: it crashed: KeyError: 'nothing'\n" in done.stderr
    assert "bug of the harness" not in done.stderr
    assert not (place / "run" / "bug.txt").exists()


def test_the_other_words_still_work_beside_a_broken_one(place, capsys):
    put(place / "our-words", {**WORDS, "steps/broken": "import nobody_has_this\n"})
    assert main(["words", "--words", str(place / "our-words")]) == Exit.REFUSED
    out, err = capsys.readouterr()
    assert all(f"  {name}" in out for name in NAMES)
    assert err == f"{place}/our-words/steps/broken.py:1: there is no module `nobody_has_this` to import\n"
    assert main(["words", "marked", "--words", str(place / "our-words")]) == Exit.PASS


def test_a_word_that_is_there_already_is_told_with_both_places(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    put(place / "our-words", {**WORDS, "steps/move": STEP})
    Path("story.yaml").write_text("steps: [move]\nexpect: [hosts_seen]\n")
    assert main(["run", "story.yaml", "--words", "our-words"]) == Exit.REFUSED
    err = capsys.readouterr().err
    assert (
        f"our-words/steps/move.py:1: there is a step `move` already, in {ROOT}/harness/steps/move.py; give yours another" in err
    )


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("nowhere", "nowhere: there is nothing; name a directory of words"),
        ("story.yaml", "story.yaml: this is a file; name a directory of words"),
        ("empty", "empty: no words are in it; a directory of words has folders steps, faults, checks, families"),
    ],
)
def test_a_directory_that_holds_no_words_is_refused(words, cause, place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    Path("empty").mkdir()
    assert main(["words", "--words", words]) == Exit.REFUSED
    assert cause in capsys.readouterr().err


FAMILY = """\
from bmc.witness.family import Claim, Family

FAMILY = Family(
    name="acme",
    recognises=lambda system: Claim.MARK if system.get("Model") == "Anvil" else Claim.NONE,
    signals=lambda system: {"Drops": str(system["Drops"])},
    latches={"Drops": frozenset({"cold"})},
)
"""
ASK = """\
from harness.cli.main import main
from bmc.witness import family, latches
main(["words", "--words", "our-words"])
print(family({"Model": "Anvil"}).name, *latches("Drops"))
"""


def test_a_family_of_bmcs_comes_with_them(place):
    put(place / "our-words", {"families/acme": FAMILY})
    known = subprocess.run(
        [sys.executable, "-c", ASK], cwd=place, capture_output=True, text=True, timeout=SECONDS, check=True
    ).stdout.splitlines()
    assert known[-1] == "acme cold"


def test_a_family_that_cannot_be_read_is_told_as_its_authors(place, capsys):
    put(place / "our-words", {"families/acme": "import nobody_has_this\n"})
    assert main(["words", "--words", str(place / "our-words")]) == Exit.REFUSED
    assert "families/acme.py:1: ModuleNotFoundError: No module named 'nobody_has_this'" in capsys.readouterr().err


def test_a_lab_file_that_names_no_words_is_told_at_its_place(place, capsys, monkeypatch):
    monkeypatch.chdir(place)
    Path("lab.yaml").write_text(f"{LAB}words: ./nowhere\n")
    assert main(["run", "story.yaml"]) == Exit.REFUSED
    err = capsys.readouterr().err
    assert "lab.yaml:2:8: there is no file or directory" in err
    assert "hosts_counted" not in err


def test_a_package_that_cannot_be_read_is_told_and_hides_nothing(place):
    site = install(place / "site", WORDS)
    (site / "our_words-1.2.dist-info" / "entry_points.txt").write_text("[metal3_pivot_harness.words]\nours = our_wrods\n")
    listed = harness("words", path=site)
    assert listed.returncode == 2
    assert "  move " in listed.stdout
    assert (
        listed.stderr == "the installed package our-words 1.2: its entry point names the package `our_wrods`, and there is none\n"
    )
