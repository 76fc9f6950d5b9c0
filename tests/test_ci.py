"""What `.ci/run` makes of stages that pass, fail and hang, and of a machine that has less: with programs that do what a test says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes.small_programs import program

ROOT = Path(__file__).parents[1]
NEEDED = ("bash", "dirname", "timeout")
REAL_COMPONENTS = ["components", "pivot-processes", "sweep-sample"]
BEFORE = ["test", "test-dated", "catalogue", "mutants-sample", "environment-faults", "workflow", "judges"]
STAGES = [*BEFORE, *REAL_COMPONENTS, "test-real", "test-wheel"]


@pytest.fixture
def machine(tmp_path):
    """A clone with no more on PATH than `.ci/run` itself needs; every stage is written down, and passes."""
    (tmp_path / "clone/.ci").mkdir(parents=True)
    (tmp_path / "clone/harness/processes/components/kubernetes-1.36").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/run", tmp_path / "clone/.ci/run")
    (tmp_path / "bin").mkdir()
    for name in NEEDED:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    for name in ("faketime", "ipmitool", "ipmi_sim", "mkisofs", "go"):
        program(tmp_path / "bin", name, "exit 0")
    stages(tmp_path)
    return tmp_path


def stages(machine, *, ends=""):
    program(machine / "bin", "make", f'echo "$1" >> {machine}/done\ncase "$1" in {ends} esac')


def run(machine):
    """Exit code, what is said, and the stages that were begun."""
    command = [shutil.which("bash"), "clone/.ci/run"]
    environment = {"PATH": str(machine / "bin")}
    done = subprocess.run(command, cwd=machine, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr, (machine / "done").read_text().split()


def test_every_stage_is_run_and_told(machine):
    code, said, begun = run(machine)

    assert (code, begun) == (0, STAGES)
    assert re.search(r"passed: make pivot-processes, in \d+ s", said)
    assert said.endswith(f"\nstages: {len(STAGES)} passed, 0 failed, 0 skipped\n")


@pytest.mark.parametrize("stage", STAGES)
def test_the_first_stage_that_complains_fails_the_run(machine, stage):
    stages(machine, ends=f"{stage}) exit 7 ;;")
    code, said, begun = run(machine)

    assert (code, begun) == (1, STAGES[: STAGES.index(stage) + 1])
    assert re.search(rf"FAILED: make {stage}, after \d+ s, with exit code 7", said)
    assert said.endswith(f"stages: {len(begun) - 1} passed, 1 failed, 0 skipped\n")


def test_a_stage_that_hangs_is_ended_at_its_limit(machine):
    script = machine / "clone/.ci/run"
    script.write_text(script.read_text().replace("stage 20m make judges", "stage 0.2s make judges"))
    stages(machine, ends=f"judges) {shutil.which('sleep')} 50 ;;")
    code, said, _ = run(machine)

    assert code == 1
    assert "FAILED: make judges, ended after" in said
    assert "its limit is 0.2s" in said


def test_what_a_machine_cannot_have_is_told_and_the_rest_is_run(machine):
    for name in ("faketime", "ipmitool"):
        (machine / "bin" / name).unlink()
    program(machine / "bin", "apt-get", 'echo "E: Unable to locate package $*"; exit 100')
    program(machine / "bin", "go", 'echo "dial tcp: no such host"; exit 1')
    code, said, begun = run(machine)

    assert (code, begun) == (0, [stage for stage in STAGES if stage not in REAL_COMPONENTS])
    year_ahead = (
        "NOT RUN: the suites that depend on dates with the clock a year ahead, because faketime cannot be installed: E: Unable"
    )
    assert year_ahead in said
    assert (
        "NOT RUN: what ipmitool, ipmi_sim and Ironic's hardware type ipmi say, because they cannot be installed: E: Unable"
        in said
    )
    assert "NOT RUN: all that needs the real components, because they cannot be built: dial tcp: no such host" in said
    assert said.endswith(f"stages: {len(STAGES) - 3} passed, 0 failed, 3 skipped\n")
