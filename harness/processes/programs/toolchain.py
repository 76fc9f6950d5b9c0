"""Is this machine fit for a lab of processes? Everything that is missing is told at once, with its cure, within seconds."""

import os
import re
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from harness.errors import UsageError
from harness.lab.versions import GO_MIN, MODULES, Pinned

GIB = 1 << 30
BUILD_BYTES_MIN = 4 * GIB
LAB_BYTES_MIN = GIB // 2
OPEN_FILES_MIN = 1024
OPEN_FILES_WANTED = 8192
CALL_SECONDS = 4.0
PIP_SECONDS = 20.0
"""Usually less than one; a busy machine takes longer to start a Python."""
ADDRESSES = ("127.77.1.1", "127.77.2.1", "127.77.3.1")
PROXY = "https://proxy.golang.org"
INDEX = "https://pypi.org/simple"
BY_PATH = "or name programs of your own: `components: {etcd: {path: ...}, ...}`"


def check_machine(to_build: Iterable[Pinned], cache: Path, data: Path, found: Iterable[str] = ()) -> None:
    """Raise UsageError with every reason why a lab cannot be started in `data`, or these programs not be built into `cache`.

    `found` are reasons that are known already.
    """
    wanted = list(to_build)
    problems = [*found, *_system(), *_space(data, LAB_BYTES_MIN, "the data of a lab")]
    if wanted:
        problems += _go(wanted, cache)
    if problems:
        raise UsageError("\n".join(problems))


def go_environment() -> dict[str, str]:
    """What go is called with: nothing but the modules that are locked, by the Go that is there."""
    fixed = {"GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
    return {**os.environ, **fixed}


def _system() -> Iterator[str]:
    if not sys.platform.startswith("linux"):
        yield f"a lab of processes needs Linux (loopback addresses 127.77.x.x, prctl), and this is {sys.platform}"
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES_WANTED and soft != resource.RLIM_INFINITY:
        wanted = OPEN_FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES_WANTED)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, soft), hard))
        soft = max(wanted, soft)
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES_MIN:
        yield f"only {soft} files may be open at once, and {OPEN_FILES_MIN} are needed: `ulimit -n {OPEN_FILES_WANTED}`"
    for address in ADDRESSES:
        try:
            socket.create_server((address, 0)).close()
        except OSError as error:
            yield f"nothing can listen at {address} ({error.strerror}): the loopback interface must have all of 127.0.0.0/8"


def _space(place: Path, needed: int, what: str) -> Iterator[str]:
    there = next(each for each in (place, *place.parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        yield f"{place}: {free / GIB:.1f} GiB are free, and {what} needs {needed / GIB:.1f} GiB: free the disk, or use another"


def _go(wanted: list[Pinned], cache: Path) -> Iterator[str]:
    """What a build misses."""
    building = f"{', '.join(f'{each.name} {each.version}' for each in wanted)} must be built"
    least = ".".join(map(str, GO_MIN))
    program = shutil.which("go")
    if program is None:
        yield f"{building}, and there is no `go` on PATH: install Go {least} or newer (https://go.dev/dl), {BY_PATH}"
        return
    said = _ask(program, "version")
    found = re.search(r"go(\d+)\.(\d+)", said)
    if found is None:
        yield f"{building}, and `{program} version` says {said.strip() or 'nothing'!r}: install Go {least} or newer, {BY_PATH}"
        return
    if (int(found[1]), int(found[2])) < GO_MIN:
        yield f"{building}, and {program} is Go {found[1]}.{found[2]}: install Go {least} or newer (https://go.dev/dl), {BY_PATH}"
        return
    places = {cache, *(Path(each) for each in _ask(program, "env", "GOCACHE", "GOMODCACHE").split("\n") if each)}
    for place in sorted(places):
        yield from _space(place, BUILD_BYTES_MIN, "a build")
    yield from _network(program, wanted)


def _network(program: str, wanted: list[Pinned]) -> Iterator[str]:
    """The module proxy must be there as long as modules are missing: whether every one is there is too long a question to ask first."""
    proxy = _ask(program, "env", "GOPROXY").strip().partition(",")[0].partition("|")[0] or PROXY
    modules = Path(_ask(program, "env", "GOMODCACHE").strip()) / "cache" / "download"
    url = urlsplit(proxy)
    archives = {modules / MODULES[each.source.product] / "@v" / f"v{each.version}.zip" for each in wanted}
    if all(archive.is_file() for archive in archives) or url.scheme not in ("http", "https") or not url.hostname:
        return
    if trouble := unreachable(proxy):
        yield (
            f"the Go module proxy {url.hostname} cannot be reached ({trouble}), and the modules are not here yet: "
            f"mend the network, or set GOPROXY, {BY_PATH}"
        )


def package_index() -> Iterator[str]:
    """What an installation from the index of Python packages misses; nothing where pip is told of packages elsewhere."""
    said = _ask(sys.executable, "-m", "pip", "config", "list", "--verbose", seconds=PIP_SECONDS)
    settings = (line.partition("=") for line in said.splitlines() if not line.startswith("For variant"))
    told = {name.rpartition(".")[2]: value.strip("'") for name, _, value in settings}
    if not said or told.keys() & {"find-links", "no-index", "extra-index-url"}:
        return
    index = told.get("index-url", INDEX)
    if trouble := unreachable(index):
        yield (
            f"the package index {urlsplit(index).hostname} cannot be reached ({trouble}), and Ironic is not installed yet: "
            "mend the network, or set PIP_INDEX_URL, or write `components: {ironic: emulated}`"
        )


def unreachable(address: str) -> str:
    """Why the host of this URL, or the proxy before it, is unreachable; empty if it is reachable."""
    url = urlsplit(address)
    proxy = "" if proxy_bypass(url.hostname or "") else getproxies().get(url.scheme, "")
    place = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else url
    try:
        port = place.port or (443 if place.scheme == "https" else 80)
        socket.create_connection((place.hostname or "", port), CALL_SECONDS).close()
    except (OSError, ValueError) as error:
        return str(getattr(error, "strerror", None) or error)
    return ""


def _ask(program: str, *arguments: str, seconds: float = CALL_SECONDS) -> str:
    """What a program answers; empty where it does not answer in time."""
    try:
        done = subprocess.run(  # noqa: S603 - a program found on PATH, with fixed arguments
            [program, *arguments], env=go_environment(), capture_output=True, encoding="utf-8", timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
