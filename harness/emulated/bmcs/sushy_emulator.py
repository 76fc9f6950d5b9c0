"""The real sushy-emulator (sushy-tools 2.2.0) as the BMCs of a lab, and the servers behind it, which follow its power.

`python -m harness.emulated.bmcs.sushy_emulator DRIVER [PROGRAM]` installs it where it is missing, unless the user has a program of his own:
into a virtual environment under the user's cache.

Its fake driver neither boots servers nor learns what they do. It does tell a lab of each change it makes (`external_notifier`),
though the end of a power change only when somebody asks for the System then, so the lab asks every second. It has one file of
users for all its systems; without one it lets everybody in, and so it does here.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import venv
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
from aiohttp import web

from bmc.machine import Machine
from harness.emulated.bmcs import sushy_libvirt
from harness.emulated.bmcs.power_follower import PowerFollower
from harness.emulated.programs.program import die_with_parent

PROGRAM = "sushy-emulator"
REQUIREMENT = "sushy-tools==2.2.0"
ADDRESS = "127.0.0.1"
INSTALL_SECONDS = 900.0
IMPORT_SECONDS = 30.0
LIBVIRT = "libvirt"
LOG_CHARACTERS = 1500


class SushyEmulatorMissingError(Exception):
    """sushy-emulator cannot be had; the text tells the cure."""


def program() -> str:
    """The one on PATH, else the one in the cache. SushyEmulatorMissingError where there is none."""
    found = shutil.which(PROGRAM)
    kept = _cache() / "bin" / PROGRAM
    if found is None and not kept.is_file():
        raise SushyEmulatorMissingError(f"there is no {PROGRAM}, neither on PATH nor at {kept}; try: pip install {REQUIREMENT}")
    return found or str(kept)


def check_libvirt(found: Path) -> None:
    """SushyEmulatorMissingError where this sushy-emulator has no binding to libvirt; that is the user's to install."""
    python = found.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!").strip()
    command = [python, "-c", "import libvirt"]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=IMPORT_SECONDS)  # noqa: S603 - its own Python
    if done.returncode != 0:
        says = done.stderr.strip().rpartition("\n")[2]
        packages = "apt-get install libvirt-dev pkg-config gcc, or dnf install libvirt-devel pkgconf gcc"
        cure = f"{packages}; then {python} -m pip install libvirt-python"
        raise SushyEmulatorMissingError(f"{found} has no binding to libvirt ({says}); try: {cure}")


def install() -> None:
    """Put it into the cache, unless there is one. SushyEmulatorMissingError, with pip's last words, where it cannot be installed."""
    with contextlib.suppress(SushyEmulatorMissingError):
        program()
        return
    place = _cache()
    sys.stderr.write(f"installing {REQUIREMENT} into {place} (once)\n")
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENT]
    try:
        venv.create(place, clear=True, with_pip=True)
        subprocess.run(pip, check=True, capture_output=True, encoding="utf-8", timeout=INSTALL_SECONDS)  # noqa: S603 - pip, with arguments of ours
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(place, ignore_errors=True)
        said = str(getattr(error, "stderr", "") or error).strip()
        raise SushyEmulatorMissingError(f"{REQUIREMENT} cannot be installed; put {PROGRAM} on PATH. pip says:\n{said}") from error


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "metal3-pivot-harness" / REQUIREMENT.replace("==", "-")


class SushyEmulatorLimits(msgspec.Struct, frozen=True):
    """How long sushy-emulator may take for each thing."""

    ready_seconds: float = 30.0
    answer_seconds: float = 10.0
    ask_seconds: float = 1.0
    """Between two looks at what it tells of a system, and before a request that failed is made again."""
    stop_seconds: float = 5.0
    """Until it is killed, and then until it is given up."""


@asynccontextmanager
async def serving(
    machines: Mapping[str, Machine],
    directory: Path,
    driver: str,
    command: Sequence[str],
    limits: SushyEmulatorLimits | None = None,
) -> AsyncIterator[str]:
    """A sushy-emulator with a system for each machine while the block runs; its base URL.

    The machines follow what its `driver` (`fake`, `libvirt`) does. `command` is the program with flags that come last; `directory`
    receives its state and its log. Raises SushyEmulatorMissingError where it does not come up.
    """
    limits = limits or SushyEmulatorLimits()
    by_uuid = {machine.uuid: machine for machine in machines.values()}
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(directory)  # it would find the state of an earlier lab
    (directory / "state").mkdir(parents=True)
    base = f"http://{ADDRESS}:{_free_port()}"
    limit = aiohttp.ClientTimeout(total=limits.answer_seconds)
    async with aiohttp.ClientSession(base, timeout=limit) as session, asyncio.TaskGroup() as tasks:
        fake = driver != LIBVIRT
        follower = PowerFollower(session, by_uuid, fake=fake, ask_seconds=limits.ask_seconds)
        async with _notified(follower) as url:
            settings = _settings(by_uuid, directory, url) if fake else sushy_libvirt.settings(by_uuid, directory, url)
            own = [command[0], *(["--fake"] if fake else []), *_address_options(base, settings, directory), *command[1:]]
            async with _process(own, directory, limits.stop_seconds) as process:
                await _until_up(session, directory, process, limits.ready_seconds)
                following = tasks.create_task(follower.run(), name=PROGRAM)
                try:
                    yield base
                finally:
                    following.cancel()


@asynccontextmanager
async def _notified(follower: PowerFollower) -> AsyncIterator[str]:
    """Listen for what the driver tells; the URL."""
    application = web.Application()
    application.add_routes([web.put("/", follower.notified)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, ADDRESS, 0).start()
        yield f"http://{ADDRESS}:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def _settings(machines: Mapping[str, Machine], directory: Path, url: str) -> str:
    """Its configuration, which is Python."""
    systems = [
        {
            "uuid": uuid,
            "name": machine.name,
            "power_state": machine.power,
            "external_notifier": True,
            "nics": [{"mac": mac, "ip": ""} for mac in machine.mac_addresses],
        }
        for uuid, machine in machines.items()
    ]
    settings = {
        "SUSHY_EMULATOR_FAKE_DRIVER": True,
        "SUSHY_EMULATOR_STATE_DIR": str(directory / "state"),
        "SUSHY_EMULATOR_FAKE_SYSTEMS": systems,
        "EXTERNAL_NOTIFICATION_URL": url,
    }
    return "".join(f"{name} = {value!r}\n" for name, value in settings.items())


def _address_options(base: str, settings: str, directory: Path) -> list[str]:
    """The options that tell it where it is, and its configuration."""
    config = directory / "settings.py"
    config.write_text(settings, encoding="utf-8")
    return ["--config", str(config), "--interface", ADDRESS, "--port", base.rpartition(":")[2]]


@asynccontextmanager
async def _process(command: Sequence[str], directory: Path, stop_seconds: float) -> AsyncIterator[Process]:
    environment = {"PATH": os.defpath, "TMPDIR": str(directory)}
    with (directory / f"{PROGRAM}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=log, stderr=log, env=environment, preexec_fn=die_with_parent
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), stop_seconds)
        except TimeoutError:
            process.kill()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), stop_seconds)


async def _until_up(session: aiohttp.ClientSession, directory: Path, process: Process, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while process.returncode is None:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    async with session.get("/redfish/v1/") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)
            how = f"ended with exit code {process.returncode}"
    except TimeoutError:
        how = f"was not up after {seconds:.0f} s"
    said = (directory / f"{PROGRAM}.log").read_text(encoding="utf-8", errors="replace")[-LOG_CHARACTERS:]
    raise SushyEmulatorMissingError(f"{PROGRAM} {how}; it said:\n{said}")


def _free_port() -> int:
    """A port that was free a moment ago: it cannot tell which it took."""
    with socket.socket() as bound:
        bound.bind((ADDRESS, 0))
        return int(bound.getsockname()[1])


def main() -> int:
    """Install it; 1 where that fails, or where it cannot have the driver that is named."""
    driver, own = sys.argv[1], sys.argv[2:]
    try:
        if not own:
            install()
        if driver == LIBVIRT:
            check_libvirt(Path(own[0] if own else program()))
    except SushyEmulatorMissingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
