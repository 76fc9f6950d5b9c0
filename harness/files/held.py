"""Who holds a file: a lock of the operating system (flock(2)), which ends with its process, however that ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from harness.errors import HeldError


def hold(descriptor: int) -> bool:
    """Lock an open file for as long as it is open; False where somebody else holds it. A disk that knows no locks counts as free."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def holding(path: Path, what: str) -> Iterator[None]:
    """Hold a file while the block runs. HeldError, with its process, where somebody else does; `what` is what the file stands for."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if not hold(descriptor):
            raise HeldError(f"{what} by {holder(path)}; wait for its end, or end it")
        yield
    finally:
        os.close(descriptor)


def holder(path: Path) -> str:
    """The process that holds a file, and since when it runs, for people; `another process` where the system does not tell."""
    number = path.stat().st_ino
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/locks").read_text(encoding="utf-8").splitlines():
            _, kind, _, _, pid, place, *_ = line.split()
            if kind == "FLOCK" and place.rpartition(":")[2] == str(number) and int(pid) > 0:
                return f"process {pid}{since_of(int(pid))}"
    return "another process"


def since_of(pid: int) -> str:
    """Since when a process runs, in words to be put behind it; empty where the system does not tell (proc(5))."""
    with contextlib.suppress(OSError, ValueError, IndexError, StopIteration):
        ticks = int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19])
        lines = Path("/proc/stat").read_text(encoding="utf-8").splitlines()
        booted = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
        return f", since {datetime.fromtimestamp(booted + ticks / os.sysconf('SC_CLK_TCK'), UTC):%Y-%m-%d %H:%M:%S} UTC"
    return ""
