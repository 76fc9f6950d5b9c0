"""A run that ends in a move, however it ends, does not end the mover; `harness recover` says where the move stands."""

import signal

import pytest

from harness.journal.facts import MoverEnded, MoverSaid, MoverStarted
from harness.journal.run_directory import entries_of
from harness.processes.child import is_same_process
from tests.run.broken_off.begun import begun, harness, lab, wait
from tests.run_on_lab import RUN_SECONDS

__all__ = ["lab"]
pytestmark = [pytest.mark.timeout(2 * RUN_SECONDS)]


def broken_off(lab, run, number, *options) -> MoverStarted:
    """Begin a pivot, and end it by this signal when its mover pauses the Cluster; the mover."""
    process = begun(lab, run, *options)

    def pauses():
        return any(isinstance(entry.fact, MoverSaid) and entry.fact.phase == "pause" for entry in entries_of(run))

    wait(pauses, "the pause")
    process.send_signal(number)
    process.communicate(timeout=RUN_SECONDS)
    return next(entry.fact for entry in entries_of(run) if isinstance(entry.fact, MoverStarted))


@pytest.mark.parametrize(
    "number",
    [signal.SIGKILL, *(pytest.param(it, marks=pytest.mark.slow) for it in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT))],
)
def test_the_mover_goes_on_to_its_end_and_recover_says_that_all_has_arrived(tmp_path, lab, number):
    mover = broken_off(lab, tmp_path / "run", number)
    assert not [entry for entry in entries_of(tmp_path / "run") if isinstance(entry.fact, MoverEnded)]
    first = harness("recover", tmp_path / "run")
    assert "left alone" in first.stdout or "stands at: complete" in first.stdout, first.stdout + first.stderr
    wait(lambda: not is_same_process(mover.pid, mover.pid_began), "the end of the mover")
    told = wait(lambda: (it := harness("recover", tmp_path / "run")).returncode == 0 and it, "every host to be taken over").stdout
    assert "the move from source to target stands at: complete" in told
    assert not list((tmp_path / "run" / "logs").glob("*.raw"))
