"""A real Ironic on every emulated BMC; needs the network once, for an environment of its own."""

import subprocess
import sys

import pytest

from tests.bmc.judges.environment import ROOT
from tests.bmc.judges.run_ironic import present, steps

JUDGES_SECONDS = 1000


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.timeout(JUDGES_SECONDS + 30)
def test_ironic_manages_every_emulated_bmc_as_a_real_one(capsys):
    # The emulated IPMI BMC must not share a process with pyghmi's client.
    command = [sys.executable, "-m", "tests.bmc.judges.run_ironic"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=JUDGES_SECONDS, check=False)
    with capsys.disabled():
        print(f"\n{done.stdout}{done.stderr}")  # noqa: T201 - what was judged, and how long it took
    assert done.returncode == 0
    judged = {line.split()[0]: line.split()[3:] for line in done.stdout.splitlines()}
    assert judged == {name: [step.__name__ for step in steps(name)] for name in present()}
