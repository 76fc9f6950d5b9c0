"""Whole runs on labs whose BMCs are reached otherwise: through the flight recorder, with vendors' personalities, by sushy-emulator."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.emulated.bmcs import sushy_emulator
from harness.files.problems import BadFilesError
from harness.journal.facts import BmcRead
from harness.journal.journal import FILE_NAME, read
from harness.lab.file import load_lab
from harness.lab.model import EmbeddedBmc, EmbeddedLab
from tests.processes.small_programs import program, python_program
from tests.run_on_lab import ROOT, run
from tests.waiting import wait_until

RUN_SECONDS = 100
END_SECONDS = 20
IPMI = ROOT / "labs" / "lab-ipmi.yaml"
RECORDED = ROOT / "labs" / "lab-recorder.yaml"
SUSHY = ROOT / "labs" / "lab-sushy.yaml"
LATCHING = ("dell", "lenovo")
NOT_LATCHING = ("hpe", "supermicro", "openbmc", "ami", "plain")

pytestmark = pytest.mark.timeout(RUN_SECONDS)


def lab_with(tmp_path: Path, bmc: str) -> Path:
    path = tmp_path / "lab.yaml"
    path.write_text(f"embedded: {{hosts: 2, spares: 0, bmc: {bmc}}}\n")
    return path


def test_a_recorder_names_who_reset_a_server_whose_bmc_keeps_no_trace(tmp_path):
    done = run("pivot_third_party_reset", lab_with(tmp_path, "{personality: plain, recorder: true}"), tmp_path / "run")

    assert done.code == 1
    assert done.hosts == {"node-0": "pass", "node-1": "fail"}
    assert "Reset ForceRestart by this harness" in done.said("bmc_untouched", "node-1")


@pytest.mark.slow
def test_a_new_owner_that_meets_a_busy_bmc_waits_and_the_server_does_not_notice(tmp_path):
    done = run("pivot_bmc_busy", RECORDED, tmp_path / "run")

    assert done.code == 0, done.output
    assert set(done.hosts.values()) == {"pass"}


def test_over_ipmi_who_reset_a_server_by_himself_is_found_and_named(tmp_path):
    done = run("pivot_third_party_reset", IPMI, tmp_path / "run")

    assert done.code == 1
    assert done.hosts == {"node-0": "pass", "node-1": "fail", "node-2": "pass"}
    assert "Reset ForceRestart by this harness" in done.said("bmc_untouched", "node-1")


def test_the_shipped_labs_are_right():
    labs = {path.stem: load_lab(path) for path in sorted((ROOT / "labs").glob("*.yaml"))}

    assert labs["lab-ipmi"].embedded.bmc == EmbeddedBmc(protocol="ipmi")
    assert labs["lab-recorder"].embedded.bmc == EmbeddedBmc(recorder=True)
    assert labs["lab-sushy"].embedded.bmc == EmbeddedBmc(kind="sushy-emulator")
    assert all(isinstance(lab, EmbeddedLab) for lab in labs.values())


@pytest.mark.parametrize(
    ("bmc", "says"),
    [
        ("{personality: del}", 'did you mean "dell"?'),
        ("{recoder: true}", 'did you mean "recorder"?'),
        ("{recorder: yes}", "neither true nor false"),
        ("emulated", "must be a table with the keys kind, driver, protocol, personality, recorder, program, flags"),
        ("{protocol: ipmp}", 'did you mean "ipmi"?'),
        ("{kind: sushy-emulator, protocol: ipmi}", "sushy-emulator speaks Redfish only"),
        ("{driver: libvirt}", "write `kind: sushy-emulator` beside it"),
        ("{protocol: ipmi, personality: dell}", "`emulated` or `plain`"),
        ("{kind: sushy-emulator, personality: dell}", "no personality but its own"),
        ("{kind: sushy-emulator, recorder: false}", "the recorder always stands before it"),
        ("{program: /bin/true}", "write `kind: sushy-emulator` beside it"),
    ],
)
def test_bmcs_that_cannot_be_are_told_at_their_place(tmp_path, bmc, says):
    with pytest.raises(BadFilesError) as caught:
        load_lab(lab_with(tmp_path, bmc))

    assert says in str(caught.value)


def test_a_real_ironic_for_bmcs_that_speak_ipmi_is_refused(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text("embedded: {hosts: 1, bmc: {protocol: ipmi}}\ncomponents:\n  ironic: pinned\n")

    with pytest.raises(BadFilesError, match=r"lab.yaml:3:11(.|\n)*drives Redfish only"):
        load_lab(path)


def test_real_bmcs_of_a_lab_of_components_are_sushy_emulator_pinned_or_the_users_own(tmp_path):
    own = program(tmp_path, "own-sushy", "exit 0")
    path = tmp_path / "lab.yaml"
    bmcs = {}
    for chosen in ("emulated", "pinned", "{path: own-sushy, flags: [--debug]}"):
        path.write_text(f"embedded: {{hosts: 1}}\ncomponents: {{bmc: {chosen}}}\n")
        bmcs[chosen] = load_lab(path).embedded.bmc

    assert list(bmcs.values()) == [
        EmbeddedBmc(),
        EmbeddedBmc(kind="sushy-emulator"),
        EmbeddedBmc(kind="sushy-emulator", program=own, flags=("--debug",)),
    ]


@pytest.mark.parametrize("bmc", ["{protocol: ipmi}", "{personality: dell}"])
def test_real_bmcs_of_another_kind_than_sushy_emulator_is_are_refused(tmp_path, bmc):
    path = tmp_path / "lab.yaml"
    path.write_text(f"embedded: {{hosts: 1, bmc: {bmc}}}\ncomponents:\n  bmc: pinned\n")

    with pytest.raises(BadFilesError, match=r"lab.yaml:3:8(.|\n)*speaks Redfish and has no personality but its own"):
        load_lab(path)


OWN = """
import os, pathlib, sys
pathlib.Path({marker!r}).write_text(" ".join(sys.argv[1:]))
os.execv({real!r}, [{real!r}, *sys.argv[1:]])
"""


@pytest.mark.slow
@pytest.mark.real
def test_a_pivot_passes_on_the_users_own_sushy_emulator(tmp_path):
    sushy_emulator.install()
    marker, lab = tmp_path / "asked", tmp_path / "lab.yaml"
    python_program(tmp_path, "own-sushy", OWN.format(marker=str(marker), real=sushy_emulator.program()))
    components = "{kube-apiserver: emulated, clusterctl: emulated, bmc: {path: own-sushy, flags: [--debug]}}"
    lab.write_text(f"embedded: {{hosts: 2, spares: 0, speed: 10}}\ncomponents: {components}\n")
    done = run("pivot", lab, tmp_path / "run")

    assert done.code == 0, done.output
    assert marker.read_text().startswith("--fake --config ")
    assert marker.read_text().endswith(" --debug")


@pytest.mark.slow
@pytest.mark.parametrize("personality", [*LATCHING, *NOT_LATCHING])
def test_a_vendors_bmc_proves_a_good_pivot_only_where_it_latches_every_reset(tmp_path, personality):
    done = run("pivot", lab_with(tmp_path, f"{{personality: {personality}}}"), tmp_path / "run")

    assert set(done.hosts.values()) == {"pass" if personality in LATCHING else "unknown"}


@pytest.mark.slow
@pytest.mark.parametrize("personality", [*LATCHING, *NOT_LATCHING])
def test_a_reset_by_somebody_else_fails_on_every_vendors_bmc(tmp_path, personality):
    done = run("pivot_third_party_reset", lab_with(tmp_path, f"{{personality: {personality}}}"), tmp_path / "run")

    assert done.code == 1
    assert done.hosts["node-1"] == "fail"
    assert "bootID of its Node changed" in done.said("nodes_untouched", "node-1")
    assert (": a reset" in done.said("bmc_untouched", "node-1")) == (personality in LATCHING)


@pytest.mark.slow
@pytest.mark.real
def test_sushy_emulator_ends_with_a_lab_that_is_killed(tmp_path):
    lab, place = lab_with(tmp_path, "{kind: sushy-emulator}"), tmp_path / "up"
    command = [sys.executable, "-m", "harness", "lab", "up", "--lab", str(lab), "--dir", str(place), "--detach"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=RUN_SECONDS)
    number = int((place / "lab.pid").read_text())
    children = [child for child in children_of(number) if b"sushy-emulator" in child.read_bytes()]
    os.kill(number, signal.SIGKILL)

    assert len(children) == 1
    wait_until(lambda: not any(child.exists() for child in children), "the end of sushy-emulator", END_SECONDS)


def children_of(number: int) -> list[Path]:
    """The command lines of a process's children."""
    children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    return [Path(f"/proc/{child}/cmdline") for child in children]


@pytest.mark.slow
@pytest.mark.real
def test_a_reset_of_which_libvirt_shows_nothing_is_caught_by_the_recorder(tmp_path):
    try:
        sushy_emulator.install()
        sushy_emulator.check_libvirt(Path(sushy_emulator.program()))
    except sushy_emulator.SushyEmulatorMissingError as error:
        pytest.skip(str(error))
    lab = tmp_path / "lab.yaml"
    lab.write_text("embedded: {hosts: 2, spares: 0, speed: 10, bmc: {kind: sushy-emulator, driver: libvirt}}\n")
    done = run("pivot_third_party_reset", lab, tmp_path / "run")
    reads = [entry.fact for entry in read(tmp_path / "run" / FILE_NAME) if isinstance(entry.fact, BmcRead)]

    assert done.code == 1
    assert done.hosts == {"node-0": "pass", "node-1": "fail"}
    assert "Reset ForceRestart by this harness" in done.said("bmc_untouched", "node-1")
    assert "bootID of its Node changed" in done.said("nodes_untouched", "node-1")
    assert {(fact.power, *fact.signals) for fact in reads} == {("On",)}


def test_a_sushy_emulator_without_libvirt_is_told_with_the_cure(tmp_path):
    (tmp_path / "sushy-emulator").write_text(f"#!{sys.executable}\n")
    (tmp_path / "sushy-emulator").chmod(0o755)
    command = [sys.executable, "-m", "harness.emulated.bmcs.sushy_emulator", "libvirt"]
    environment = os.environ | {"PATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)

    assert done.returncode == 1
    assert "No module named 'libvirt'" in done.stderr
    assert f"{sys.executable} -m pip install libvirt-python" in done.stderr


@pytest.mark.slow
def test_a_lab_whose_sushy_emulator_cannot_be_had_is_refused_with_the_cure(tmp_path):
    environment = os.environ | {"PATH": "/nowhere", "XDG_CACHE_HOME": str(tmp_path), "PIP_NO_INDEX": "1"}
    command = [sys.executable, "-m", "harness", "run", "--lab", str(SUSHY), "--out", str(tmp_path / "run")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)

    assert done.returncode == 2
    assert "put sushy-emulator on PATH" in done.stderr
    assert "Traceback" not in done.stderr
