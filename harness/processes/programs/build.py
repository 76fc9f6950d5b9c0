"""Builds the pinned programs, once a machine: kept under the user's cache by release and by the hash of what decides them."""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from harness.errors import LabBrokeError
from harness.lab.versions import COMPONENTS, GO_PROGRAMS, MODULES, NAMES, Pinned
from harness.processes.programs.toolchain import go_environment
from harness.processes.supervisor import die_with_parent

COLLECTOR = COMPONENTS / "collector"
TELL_SECONDS = 10.0
BUILD_SECONDS = 7200.0
"""When a build is ended: some minutes are usual, on one slow core an hour; a download that hangs would never end."""
LIST_SECONDS = 300.0
ERROR_LINES = 15
NICENESS = 10


def cache(wanted: Pinned) -> Path:
    """Where the programs of this release are kept, as long as nothing changes that decides them."""
    product = wanted.source.product
    return kept() / f"{product}-{wanted.version}-{digest(wanted.module, product, wanted.version)}"


def digest(module: Path, product: str, version: str) -> str:
    """A digest of everything that determines a release's programs: locked modules, our own sources, linker flags."""
    ours = sorted(COLLECTOR.glob("*.go")) if product == "kubernetes" else []
    decisive = [path.read_bytes() for path in (module / "go.mod", module / "go.sum", *ours)]
    made = [Pinned(name, version) for name, source in GO_PROGRAMS.items() if source.product == product]
    decisive += [f"{each.name} {each.package} {each.linker_flags}".encode() for each in made]
    return hashlib.sha256(b"\0".join(decisive)).hexdigest()[:12]


def kept() -> Path:
    """Where everything is kept that is made once a machine."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "metal3-pivot-harness"


def missing(wanted: Iterable[Pinned]) -> list[Pinned]:
    """Those programs that are not built yet, in the order of building."""
    order = list(GO_PROGRAMS)
    left = {each for each in wanted if not program(each).is_file()}
    return sorted(left, key=lambda each: (order.index(each.name), each.version))


def program(wanted: Pinned) -> Path:
    """Where a built program is."""
    return cache(wanted) / "bin" / wanted.name


def manifests(capi: Pinned) -> Path:
    """Where Cluster API's own manifests are, once `capi` is built: `crd/*.yaml` and `webhooks.yaml`."""
    return cache(capi) / "manifests" / "capi"


def build(wanted: Iterable[Pinned]) -> None:
    """Build what is missing, telling the progress on stderr. Raises LabBrokeError with go's last words where it fails."""
    with alone():
        left = missing(wanted)
        for number, each in enumerate(left, 1):
            _print_progress(
                f"building {each.name} {each.version} ({number} of {len(left)}, about {each.source.cpu_seconds} CPU-s)"
            )
            began = time.monotonic()
            if each.name == "capi":
                _copy_manifests(each)
            _build(each)
            _print_progress(f"built {each.name} in {time.monotonic() - began:.0f} s")


def _build(wanted: Pinned) -> None:
    target = program(wanted)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{wanted.name}.{os.getpid()}")
    command = ["go", "build", "-v", "-trimpath", "-ldflags", wanted.linker_flags, "-o", str(draft), wanted.package]
    try:
        _run(command, wanted)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _run(command: list[str], wanted: Pinned) -> None:
    """Run go to its end and tell now and then how many packages it has compiled."""

    def prepare() -> None:
        die_with_parent()
        os.nice(NICENESS)

    with subprocess.Popen(  # noqa: S603 - go, with arguments of ours
        command,
        cwd=wanted.module,
        env=go_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=prepare,  # noqa: PLW1509 - one thread only, and go must not outlive us
    ) as process:
        too_long = threading.Timer(BUILD_SECONDS, process.terminate)
        too_long.start()
        try:
            lines = _listen(process.stderr, wanted.name)
            code = process.wait()
        finally:
            too_long.cancel()
            too_long.join()
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
    if code != 0:
        lines += [f"it was ended after {BUILD_SECONDS:.0f} s"] if code == -signal.SIGTERM else []
        said = "\n".join(f"  {line}" for line in lines[-ERROR_LINES:])
        raise LabBrokeError(f"{wanted.name} {wanted.version} could not be built; go says:\n{said}")


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
            _print_progress(f"  {name}: {compiled} packages compiled, {told - began:.0f} s")
    return said


def _copy_manifests(capi: Pinned) -> None:
    """Cluster API's own definitions and webhook configurations, so that the module cache may go after a build."""
    module = MODULES[capi.source.product]
    _run(["go", "mod", "download", module], capi)
    done = subprocess.run(  # noqa: S603 - go, with arguments of ours
        ["go", "list", "-m", "-f", "{{.Dir}}", module],  # noqa: S607 - the go that was checked
        cwd=capi.module,
        env=go_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=LIST_SECONDS,
        check=False,
    )
    source, target = Path(done.stdout.strip()) / capi.core / "config", manifests(capi)
    if done.returncode != 0 or not source.is_dir():
        raise LabBrokeError(f"the manifests of {NAMES['cluster-api']} {capi.version} could not be found; go says:\n{done.stderr}")
    (target / "crd").mkdir(parents=True, exist_ok=True)
    for path in (source / "crd" / "bases").glob("*.yaml"):
        shutil.copyfile(path, target / "crd" / path.name)
    shutil.copyfile(source / "webhook" / "manifests.yaml", target / "webhooks.yaml")


@contextmanager
def alone() -> Iterator[None]:
    """Hold a lock so that only one build runs on this machine at a time."""
    kept().mkdir(parents=True, exist_ok=True)
    with (kept() / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _print_progress("somebody else builds on this machine; waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _print_progress(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
