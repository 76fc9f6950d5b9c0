"""A process that may outlive whoever started it."""

import asyncio
import os
import signal
import subprocess
import sys

from harness.processes.child import Child, is_same_process, start_of
from harness.processes.ending import end_whole_group
from tests.waiting import until

ENVIRONMENT = dict(os.environ)
SPEAKS_LATER = "import sys, time; sys.stdin.read(); time.sleep(1); print('still here', file=sys.stderr)"
STARTER = """
import os, sys, time
from harness.processes.child import Child
child = Child([sys.executable, "-c", sys.argv[1]], os.environ, os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT))
print(child.pid, flush=True)
time.sleep(600)
"""


async def test_it_ends_with_its_code_and_its_output_is_in_the_file(tmp_path):
    with (tmp_path / "out").open("wb") as file:
        child = Child([sys.executable, "-c", "import sys; sys.stderr.write('said'); sys.exit(3)"], ENVIRONMENT, file.fileno())
        assert await child.wait() == 3
    assert (tmp_path / "out").read_text() == "said"


async def test_it_goes_on_when_its_starter_is_killed(tmp_path):
    command = [sys.executable, "-c", STARTER, SPEAKS_LATER, str(tmp_path / "out")]
    starter = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    pid = int(await starter.stdout.readline())
    began = start_of(pid)
    starter.kill()
    await starter.wait()
    assert is_same_process(pid, began)
    await until(lambda: (tmp_path / "out").read_text() == "still here\n", "its last words")
    await until(lambda: not is_same_process(pid, began), "its end")


async def test_it_can_be_ended(tmp_path):
    with (tmp_path / "out").open("wb") as file:
        child = Child([sys.executable, "-c", "import time; time.sleep(600)"], ENVIRONMENT, file.fileno())
        assert await end_whole_group(child, 5.0) == -signal.SIGTERM
    assert not is_same_process(child.pid, child.began)


def test_a_number_that_another_process_has_now_is_not_the_same():
    assert is_same_process(os.getpid(), start_of(os.getpid()))
    assert not is_same_process(os.getpid(), start_of(os.getpid()) - 1)
    assert is_same_process(os.getpid(), 0)
