"""Builds the pinned programs, once a machine: kept under the user's cache by the hash of what decides them."""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from harness.exits import LabBrokeError
from harness.processes.supervisor import die_with_parent
from harness.processes.toolchain import go_environment
from harness.processes.versions import CLUSTER_API_MODULE, GO_PROGRAMS, linker_flags

MODULE = Path(__file__).parent / "components"
TELL_SECONDS = 10.0
ERROR_LINES = 15
NICENESS = 10


def cache(module: Path = MODULE) -> Path:
    """Where the programs of this version of the Go module are kept."""
    decisive = [path.read_bytes() for path in (module / "go.mod", module / "go.sum", *sorted(module.glob("*/*.go")))]
    decisive += [f"{name} {source.package} {linker_flags(source)}".encode() for name, source in GO_PROGRAMS.items()]
    digest = hashlib.sha256(b"\0".join(decisive)).hexdigest()[:16]
    return kept() / digest


def kept() -> Path:
    """Where everything is kept that is made once a machine."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "metal3-pivot-harness"


def missing(names: Iterable[str]) -> list[str]:
    """Those programs that are not built yet, in the order of building."""
    wanted = set(names)
    return [name for name in GO_PROGRAMS if name in wanted and not program(name).is_file()]


def program(name: str) -> Path:
    """Where a built program is."""
    return cache() / "bin" / name


def manifests() -> Path:
    """Where Cluster API's own manifests are, once `capi` is built: `crd/*.yaml` and `webhooks.yaml`."""
    return cache() / "manifests" / "capi"


def build(names: Iterable[str]) -> None:
    """Build what is missing, telling the progress on stderr. Raises LabBrokeError with go's last words where it fails."""
    with alone():
        left = missing(names)
        for number, name in enumerate(left, 1):
            _tell(
                f"building {name} {GO_PROGRAMS[name].version} ({number} of {len(left)}, about {GO_PROGRAMS[name].cpu_seconds} CPU-s)"
            )
            began = time.monotonic()
            if name == "capi":
                _copy_manifests()
            _build(name)
            _tell(f"built {name} in {time.monotonic() - began:.0f} s")


def _build(name: str) -> None:
    target, source = program(name), GO_PROGRAMS[name]
    draft = target.with_name(f".{name}.{os.getpid()}")
    command = ["go", "build", "-v", "-trimpath", "-ldflags", linker_flags(source), "-o", str(draft), source.package]
    try:
        _run(command, name)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _run(command: list[str], name: str) -> None:
    """Run go to its end and tell now and then how many packages it has compiled."""

    def prepare() -> None:
        die_with_parent()
        os.nice(NICENESS)

    with subprocess.Popen(  # noqa: S603 - go, with arguments of ours
        command,
        cwd=MODULE,
        env=go_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,  # noqa: PLW1509 - one thread only, and go must not outlive us
    ) as process:
        try:
            lines = _listen(process.stderr, name)
            code = process.wait()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
    if code != 0:
        raise LabBrokeError(f"{name} could not be built; go says:\n" + "\n".join(f"  {line}" for line in lines[-ERROR_LINES:]))


def _listen(output: IO[str] | None, name: str) -> list[str]:
    """What go says that is no package's name; the progress is told meanwhile."""
    said: list[str] = []
    began = told = time.monotonic()
    compiled = 0
    for line in output or ():
        if " " in line.strip() or not line.strip():
            said.append(line.rstrip())
        else:
            compiled += 1
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            _tell(f"  {name}: {compiled} packages compiled, {told - began:.0f} s")
    return said


def _copy_manifests() -> None:
    """Cluster API's own definitions and webhook configurations, so that the module cache may go after a build."""
    _run(["go", "mod", "download", CLUSTER_API_MODULE], "Cluster API")
    done = subprocess.run(  # noqa: S603 - go, with arguments of ours
        ["go", "list", "-m", "-f", "{{.Dir}}", CLUSTER_API_MODULE],  # noqa: S607 - the go that was checked
        cwd=MODULE,
        env=go_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    source, target = Path(done.stdout.strip()) / "core" / "config", manifests()
    if done.returncode != 0 or not source.is_dir():
        raise LabBrokeError(f"Cluster API's manifests could not be found; go says:\n{done.stderr}")
    (target / "crd").mkdir(parents=True, exist_ok=True)
    for path in (source / "crd" / "bases").glob("*.yaml"):
        shutil.copyfile(path, target / "crd" / path.name)
    shutil.copyfile(source / "webhook" / "manifests.yaml", target / "webhooks.yaml")


@contextmanager
def alone() -> Iterator[None]:
    """One build at a time, whoever else wants the same."""
    (cache() / "bin").mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _tell("somebody else builds the same; waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
