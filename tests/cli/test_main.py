import argparse
import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.arguments import scenario_file
from harness.cli.conclusion import print_verdict
from harness.cli.main import dispatch, main, parse
from harness.errors import BadWordError, JournalError, LabBrokeError, UsageError
from harness.exits import Exit, exit_of_error, explain
from harness.files.problems import BadFilesError
from harness.journal.facts import Expectation, RunBegan, RunEnded
from harness.journal.journal import Journal
from harness.journal.run_directory import existing_run, make_run_directory

COMMANDS = ["run", "judge", "import", "report", "doctor", "watch", "recover", "lab", "words"]
ROOT = Path(__file__).parents[2]
LAB = "embedded: {hosts: 3}\n"
LOST = Path(__file__).parents[1] / "recordings/d-status-annotation-lost"

REFUSED = {
    "an unknown command": (["rnu"], 'there is no command "rnu"; did you mean "run"?'),
    "a command like nothing": (["xyzzy"], "there is no command"),
    "an unknown option": (["run", "--ot", "x"], '"--ot" is too much here; did you mean "--out"?'),
    "an abbreviated option": (["run", "--la", "x"], 'did you mean "--lab"?'),
    "one argument too many": (["run", "a", "b"], '"b" is too much here'),
    "an option without its value": (["run", "--out"], "expected one argument"),
    "no directory to judge": (["judge"], "required: DIR"),
    "a duration without a unit": (["watch", "--for", "10"], "a duration needs a unit; write 10s or 10m"),
    "a duration of nothing": (["watch", "--for", "0s"], "must be longer than nothing"),
    "an import without --out": (["import", "a"], "required: --out"),
    "an unknown lab command": (["lab", "on"], 'there is no command "on"'),
    "a lab without a directory": (["lab", "up"], "required: --dir"),
    "a lab file that is missing": (["doctor", "--lab", "no.yaml"], "no.yaml:1:1: there is no such file"),
    "a scenario that is missing": (["run", "scenarios/pivot.yaml"], "scenarios/pivot.yaml:1:1: there is no such file"),
    "a scenario nobody knows": (["run", "pivto"], 'there is no scenario "pivto"; did you mean "pivot"?'),
    "a lab nobody knows": (["run", "--lab", "lab-ipmy"], 'there is no lab "lab-ipmy"; did you mean "lab-ipmi"?'),
    "a directory for a lab file": (["run", "--lab", "empty"], "empty:1:1: this is a directory; name a file in it"),
    "a run that is missing": (["judge", "no"], "no: there is no such directory; name a run directory"),
    "a directory that is no run": (["judge", "empty"], "no journal.jsonl in it, so this is not a run directory"),
    "a report of no run": (["report", "empty"], "this is not a run directory"),
    "a recovery of no run": (["recover", "empty"], "this is not a run directory"),
    "a journal of nothing": (["judge", "nothing"], "journal.jsonl: no entry is in it"),
    "a damaged journal": (["judge", "damaged"], "journal.jsonl:1: damaged line"),
    "an unknown check": (["judge", "damaged", "--check", "bmc_untuched"], 'did you mean "bmc_untouched"?'),
    "a recording that is missing": (["import", "no.jsonl", "--out", "x"], "no.jsonl: there is no such file"),
    "a file that is no recording": (["import", "lab.yaml", "--out", "x"], "lab.yaml"),
    "an import of nothing": (["import", "empty", "--out", "new"], "no recording is there; give watch.jsonl.xz"),
    "an import of a run": (["import", "damaged", "--out", "new"], "this is a run directory already; `harness judge damaged`"),
    "an import into something": (["import", "lab.yaml", "--out", "full"], "full: not empty (something is in it)"),
    "a lab down that is not there": (["lab", "down", "no"], "no: there is no such directory"),
    "a lab up that is there already": (["lab", "up", "--lab", "real.yaml", "--dir", "x"], "this lab is there already"),
    "a lab up into something": (["lab", "up", "--dir", "full"], "full: not empty (something is in it)"),
    "a watch into something": (["watch", "--out", "full"], "full: not empty (something is in it)"),
    "an unknown word": (["words", "hosts_adoptd"], 'did you mean "hosts_adopted"?'),
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(LAB)
    for name in ("empty", "full", "damaged", "nothing"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "something").touch()
    (tmp_path / "nothing" / "journal.jsonl").touch()
    (tmp_path / "damaged" / "journal.jsonl").write_text("nonsense\nmore\n\n")
    (tmp_path / "kubeconfig").touch()
    (tmp_path / "real.yaml").write_text("clusters: {source: {kubeconfig: kubeconfig}, target: {kubeconfig: kubeconfig}}\n")
    return tmp_path


def harness(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments], capture_output=True, text=True, timeout=60, check=False, **more
    )


@pytest.mark.parametrize("case", REFUSED)
def test_bad_usage_ends_with_2_the_cause_and_the_cure(case, place, capsys):
    arguments, cause = REFUSED[case]
    before = sorted(place.rglob("*"))
    assert main(arguments) == Exit.REFUSED
    out, err = capsys.readouterr()
    assert cause in err
    assert "Traceback" not in err
    assert out == ""
    assert [path for path in sorted(place.rglob("*")) if path not in before and path.name != "x"] == []


def test_a_refused_import_leaves_a_directory_that_was_there(place):
    (place / "mine").mkdir()
    assert main(["import", "empty", "--out", "mine"]) == Exit.REFUSED
    assert (place / "mine").is_dir()


def test_each_lab_command_says_what_it_does(capsys):
    for word in ("up", "down"):
        with pytest.raises(SystemExit):
            main(["lab", word, "--help"])
    out = capsys.readouterr().out
    assert "switch an embedded lab on, and keep it running" in out
    assert "switch it off again" in out


def test_the_mistakes_of_lab_and_scenario_are_told_together(place, capsys):
    (place / "lab.yaml").write_text("embedded: {hots: 3}\n")
    (place / "story.yaml").write_text("stps: []\n")
    assert main(["run", "story.yaml"]) == Exit.REFUSED
    err = capsys.readouterr().err
    assert "lab.yaml:1:12" in err
    assert "story.yaml:1:1" in err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_with_examples(command, capsys):
    with pytest.raises(SystemExit) as raised:
        main([command, "--help"])
    out = capsys.readouterr().out
    assert raised.value.code == 0
    assert "examples:\n  harness " in out


def test_the_help_names_every_command_and_exit_code(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(f"    {command} " in out for command in COMMANDS)
    assert all(f"\n  {code.value} " in out for code in Exit)


def test_harness_alone_shows_its_help(capsys):
    assert main([]) == Exit.PASS
    out, err = capsys.readouterr()
    assert out.startswith("usage: harness")
    assert "--version" in out
    assert err == ""


def test_verbose_may_stand_before_and_after_the_command(place):
    for arguments in (["-v", "words"], ["words", "-v"], ["words", "-vv"]):
        assert harness(*arguments).returncode == 0


def test_words_are_results_and_go_to_stdout(capsys):
    assert main(["words", "bmc_untouched"]) == Exit.PASS
    out, err = capsys.readouterr()
    assert (out.splitlines()[0], err) == ("check bmc_untouched", "")


def test_a_bare_name_finds_the_shipped_scenario(place):
    (place / "scenarios").mkdir()
    (place / "scenarios" / "pivot.yaml").touch()
    assert scenario_file(Path("pivot")) == Path("scenarios/pivot.yaml")
    assert scenario_file(Path("pivot_and_back")) == ROOT / "scenarios/pivot_and_back.yaml"
    with pytest.raises(UsageError, match="did you mean"):
        scenario_file(Path("pivto"))
    assert scenario_file(Path("my.yaml")) == Path("my.yaml")
    (place / "pivot").touch()
    assert scenario_file(Path("pivot")) == Path("pivot")


def test_a_lab_of_the_working_directory_wins_over_the_shipped_one(place):
    assert parse(["run"]).lab == Path("lab.yaml")
    assert parse(["run", "--lab", "lab-ipmi"]).lab == ROOT / "labs/lab-ipmi.yaml"
    (place / "lab-ipmi.yaml").touch()
    assert parse(["run", "--lab", "lab-ipmi"]).lab == Path("lab-ipmi.yaml")
    (place / "lab.yaml").unlink()
    assert parse(["run"]).lab == ROOT / "lab.yaml"
    assert parse(["run", "--lab", "lab.yaml"]).lab == Path("lab.yaml")


ENDS = [
    (BadFilesError([]), Exit.REFUSED),
    (BadWordError("w"), Exit.REFUSED),
    (UsageError("no"), Exit.REFUSED),
    (JournalError("torn"), Exit.REFUSED),
    (OSError(errno.ENOSPC, "No space left on device", "/x"), Exit.REFUSED),
    (PermissionError(errno.EACCES, "Permission denied", "/x"), Exit.REFUSED),
    (PermissionError(errno.EACCES, "Permission denied"), Exit.BUG),
    (LabBrokeError("gone"), Exit.LAB_BROKE),
    (KeyboardInterrupt(), Exit.INTERRUPTED),
    (asyncio.CancelledError(), Exit.INTERRUPTED),
    (KeyError("x"), Exit.BUG),
    (ExceptionGroup("g", [UsageError("a"), LabBrokeError("b")]), Exit.LAB_BROKE),
    (ExceptionGroup("g", [LabBrokeError("b"), ExceptionGroup("h", [KeyError("x")])]), Exit.BUG),
    (BaseExceptionGroup("g", [KeyboardInterrupt(), UsageError("a")]), Exit.REFUSED),
]


@pytest.mark.parametrize(("error", "code"), ENDS, ids=repr)
def test_every_exception_has_its_exit_code(error, code, tmp_path, capsys):
    def perform(_args):
        raise error

    assert exit_of_error(error) == code
    assert dispatch(argparse.Namespace(perform=perform, directory=tmp_path)) == code
    assert "Traceback" not in capsys.readouterr().err
    assert (tmp_path / "bug.txt").exists() == (code is Exit.BUG)


def test_the_members_of_a_group_are_each_told_once():
    group = ExceptionGroup("g", [LabBrokeError("a"), LabBrokeError("a"), ExceptionGroup("h", [LabBrokeError("b")])])
    assert explain(group) == "a\nb"


def test_a_full_disk_is_told_with_its_cure():
    error = OSError(errno.ENOSPC, "No space left on device", "/runs/journal.jsonl")
    assert explain(error) == "/runs/journal.jsonl: No space left on device; free the disk and run again"


def test_a_bug_leaves_its_traceback_in_the_run_directory_and_tells_how_to_report(tmp_path, capsys):
    def perform(args):
        args.directory = tmp_path
        raise ValueError("http://admin:hunter2@10.0.0.1/")

    assert dispatch(argparse.Namespace(perform=perform, directory=None)) == Exit.BUG
    out, err = capsys.readouterr()
    assert out == ""
    assert str(tmp_path / "bug.txt") in err
    assert "report it" in err
    text = (tmp_path / "bug.txt").read_text()
    assert "Traceback" in text
    assert "hunter2" not in text + err


BUG = "import argparse, harness.cli.main as cli; exit(cli.dispatch(argparse.Namespace(perform=lambda _: 1 / 0, directory=None)))"


def test_a_bug_without_a_run_directory_leaves_its_traceback_in_a_temporary_file(tmp_path):
    """In a process of its own: Python asks where temporary files go but once."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", BUG], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == Exit.BUG
    (file,) = tmp_path.iterdir()
    assert str(file) in done.stderr
    assert "ZeroDivisionError" in file.read_text()


def test_a_run_directory_is_made_where_it_is_wanted(place):
    assert make_run_directory(Path("a/b"), "x") == Path("a/b")
    assert make_run_directory(Path("empty"), "x") == Path("empty")
    assert list(Path("empty").iterdir()) == []


def test_the_default_run_directory_has_time_and_name_and_is_never_shared(place):
    made = [make_run_directory(None, "../a pivot\n") for _ in range(4)]
    assert len(set(made)) == 4
    assert all(path.is_dir() and path.parent == Path("runs") for path in made)
    assert all("_a_pivot" in path.name for path in made)


@pytest.mark.parametrize("out", ["lab.yaml", "lab.yaml/x", "full", "n" * 300])
def test_a_run_directory_that_cannot_be_is_refused(out, place):
    with pytest.raises(UsageError):
        make_run_directory(Path(out), "x")


def test_a_file_where_runs_are_kept_is_refused(place):
    Path("runs").touch()
    with pytest.raises(UsageError, match="a file stands where runs are kept"):
        make_run_directory(None, "x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_may_not_be_written_is_refused(place):
    Path("empty").chmod(0o500)
    for out in ("empty", "empty/x"):
        with pytest.raises(UsageError, match="name a place you may write"):
            make_run_directory(Path(out), "x")


def test_a_place_on_a_read_only_file_system_is_refused():
    with pytest.raises(UsageError, match=r"/proc/nowhere: cannot be made .* name a place you may write"):
        make_run_directory(Path("/proc/nowhere"), "x")


def test_an_existing_run_has_a_journal(place):
    assert existing_run(Path("damaged")) == Path("damaged")


def test_the_module_and_the_command_are_the_same(place):
    shown = harness("rnu")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert 'did you mean "run"?' in shown.stderr


def test_a_locale_without_arrows_is_told_everything_all_the_same(tmp_path):
    ascii_only = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    imported = harness("import", str(LOST), "--out", str(tmp_path / "run"), env=ascii_only)
    done = harness("judge", str(tmp_path / "run"), env=ascii_only)

    assert (imported.returncode, done.returncode) == (0, 1)
    assert "registering (47.9 s) \\u2192 inspecting" in done.stdout


def test_nobody_reading_the_output_is_no_traceback(place):
    reader, writer = os.pipe()
    os.close(reader)
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-m", "harness", "words", "one_owner"]
    process = subprocess.Popen(command, stdout=writer, stderr=subprocess.PIPE, text=True, env=buffered)
    os.close(writer)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")


def test_an_interrupt_ends_with_130(tmp_path):
    # A shell that starts the tests in the background has them ignore SIGINT, and so does what they start.
    program = (
        "import argparse, signal, sys, time\n"
        "from harness.cli.main import dispatch\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def perform(args):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "sys.exit(dispatch(argparse.Namespace(perform=perform, directory=None)))\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "interrupted\n")


@pytest.fixture
def run(place):
    journal = Journal(place / "run")
    promised = [Expectation(check="run_completes")]
    journal.record(RunBegan(scenario="s", lab="l", started="2026-01-01T00:00:00Z", mode="run", expectations=promised))
    journal.record(RunEnded(how="done"))
    journal.close()
    return place / "run"


def test_judging_again_writes_the_verdict_and_ends_with_its_code(run, capsys):
    assert main(["judge", str(run)]) == Exit.UNKNOWN
    out, err = capsys.readouterr()
    assert out.splitlines()[-2].startswith("unknown")
    assert out.splitlines()[-1] == f"see {run}/report.html"
    assert err == ""
    assert json.loads((run / "verdict.json").read_text())["verdict"] == "unknown"


def test_judging_by_one_check_leaves_the_runs_own_verdict_alone(run, capsys):
    assert main(["judge", str(run), "--check", "move_completes"]) == Exit.UNKNOWN
    assert "unknown run: move_completes: no move took place" in capsys.readouterr().out
    assert not (run / "verdict.json").exists()


def test_a_verdict_is_told_with_what_is_not_well_and_its_proof(capsys):
    judged = {"check": "bmc_untouched", "host": "node-1", "verdict": "fail", "says": "reset\x1b", "evidence": list(range(10))}
    passed = {"check": "one_owner", "host": "node-1", "verdict": "pass", "says": "fine", "evidence": []}
    print_verdict({"checks": [judged, passed], "verdict": "fail"})
    assert capsys.readouterr().out.splitlines() == [
        "fail    node-1: bmc_untouched: reset\ufffd (entries 0, 1, 2, 3, 4, 5, 6, 7, ...)",
        "pass    node-1: one_owner: fine",
        "fail",
    ]


def test_the_help_loads_nothing_that_only_a_command_itself_needs():
    program = "import sys; from harness.cli.main import parser; parser().format_help(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "harness.cli.commands.sweep" in loaded
    assert not {"aiohttp", "bmc.witness", "harness.lab", "harness.report", "harness.run", "jinja2", "rich", "yaml"} & set(loaded)
