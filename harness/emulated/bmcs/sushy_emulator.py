"""The real sushy-emulator (sushy-tools 2.2.0) as the BMCs of a lab, and the servers behind it, which follow its power.

`python -m harness.emulated.bmcs.sushy_emulator DRIVER [PROGRAM]` installs it where it is missing, unless the user has a program of his own:
into a virtual environment under the user's cache.

Its fake driver neither boots servers nor learns what they do. It does tell a lab of each change it makes (`external_notifier`),
though the end of a power change only when somebody asks for the System then, so the lab asks every second. It has one file of
users for all its systems; without one it lets everybody in, and so it does here.
"""

import asyncio
import contextlib
import logging
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
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from bmc.machine import Action, BootOverride, Machine, Medium, PowerChange
from harness.emulated.bmcs import sushy_libvirt
from harness.emulated.programs.program import die_with_parent

PROGRAM = "sushy-emulator"
REQUIREMENT = "sushy-tools==2.2.0"
ADDRESS = "127.0.0.1"
READY_SECONDS = 30.0
STOP_SECONDS = 5.0
ANSWER_SECONDS = 10.0
ASK_SECONDS = 1.0
CAUSE = PROGRAM
LIBVIRT = "libvirt"
OWN_ACCORD = ("OperatingSystem", "PowerLoss")
LOG_CHARACTERS = 1500

log = logging.getLogger(__name__)


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
    done = subprocess.run([python, "-c", "import libvirt"], check=False, capture_output=True, encoding="utf-8")  # noqa: S603 - its own Python
    if done.returncode != 0:
        says = done.stderr.strip().rpartition("\n")[2]
        cure = f"apt-get install libvirt-dev pkg-config gcc && {python} -m pip install libvirt-python"
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
        subprocess.run(pip, check=True, capture_output=True, encoding="utf-8")  # noqa: S603 - pip, with arguments of ours
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(place, ignore_errors=True)
        said = str(getattr(error, "stderr", "") or error).strip()
        raise SushyEmulatorMissingError(f"{REQUIREMENT} cannot be installed; put {PROGRAM} on PATH. pip says:\n{said}") from error


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "metal3-pivot-harness" / REQUIREMENT.replace("==", "-")


@asynccontextmanager
async def serving(machines: Mapping[str, Machine], directory: Path, driver: str, command: Sequence[str]) -> AsyncIterator[str]:
    """A sushy-emulator with a system for each machine while the block runs; its base URL.

    The machines follow what its `driver` (`fake`, `libvirt`) does. `command` is the program with flags that come last; `directory`
    receives its state and its log. Raises SushyEmulatorMissingError where it does not come up.
    """
    by_uuid = {machine.uuid: machine for machine in machines.values()}
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(directory)  # it would find the state of an earlier lab
    (directory / "state").mkdir(parents=True)
    base = f"http://{ADDRESS}:{_free_port()}"
    limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(base, timeout=limit) as session, asyncio.TaskGroup() as tasks:
        fake = driver != LIBVIRT
        follower = _Follower(session, by_uuid, fake=fake)
        async with _notified(follower) as url:
            settings = _settings(by_uuid, directory, url) if fake else sushy_libvirt.settings(by_uuid, directory, url)
            own = [command[0], *(["--fake"] if fake else []), *_address_options(base, settings, directory), *command[1:]]
            async with _process(own, directory) as process:
                await _until_up(session, directory, process)
                following = tasks.create_task(follower.run(), name=PROGRAM)
                try:
                    yield base
                finally:
                    following.cancel()


class _Follower:
    """Applies sushy-emulator's power changes to the servers, and reports to it when a server powers itself off."""

    def __init__(self, session: aiohttp.ClientSession, machines: Mapping[str, Machine], *, fake: bool) -> None:
        self._session = session
        self._machines = machines
        self._fake = fake
        self._told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._ended: asyncio.Queue[str] = asyncio.Queue()
        for machine in machines.values():
            machine.on_power.append(self._on_power)

    async def notified(self, request: web.Request) -> web.Response:
        """The fake driver's whole record of one system, or a request that was done with the other one."""
        self._told.put_nowait(msgspec.json.decode(await request.read()))
        return web.Response()

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self._tell())
            if self._fake:
                tasks.create_task(self._ask())

    def _on_power(self, machine: Machine, change: PowerChange) -> None:
        if change.after == "Off" and change.cause in OWN_ACCORD:
            self._ended.put_nowait(machine.uuid)

    async def _follow(self) -> None:
        while True:
            told = await self._told.get()
            if self._fake:
                await self._follow_record(told)
            else:
                sushy_libvirt.follow(self._machines, told)

    async def _follow_record(self, told: dict[str, Any]) -> None:
        machine = self._machines[told["uuid"]]
        if told["power_state"] == "Off":
            machine.apply(Action.POWER_OFF, CAUSE)
        elif machine.power == "Off":
            image = (await self._get(f"/redfish/v1/Systems/{machine.uuid}/VirtualMedia/Cd")).get("Image")
            machine.media["Cd"] = Medium(image=image or None)
            machine.set_boot(BootOverride(target=told.get("boot_device", "Hdd"), enabled="Continuous"))
            machine.apply(Action.POWER_ON, CAUSE)

    async def _ask(self) -> None:
        while True:
            for uuid in self._machines:
                await self._get(f"/redfish/v1/Systems/{uuid}")
            await asyncio.sleep(ASK_SECONDS)

    async def _tell(self) -> None:
        while True:
            path = f"/redfish/v1/Systems/{await self._ended.get()}/Actions/ComputerSystem.Reset"
            await self._request("POST", path, {"ResetType": "ForceOff"})

    async def _get(self, path: str) -> dict[str, Any]:
        return dict(msgspec.json.decode(await self._request("GET", path)))

    async def _request(self, method: str, path: str, body: object = None) -> bytes:
        """Ask until it answers: under load it fails now and then, and all that is asked here may be asked twice."""
        while True:
            try:
                async with self._session.request(method, path, json=body) as answer:
                    answer.raise_for_status()
                    return await answer.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                log.warning("%s %s: %s", method, path, error)
            await asyncio.sleep(ASK_SECONDS)


@asynccontextmanager
async def _notified(follower: _Follower) -> AsyncIterator[str]:
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
async def _process(command: Sequence[str], directory: Path) -> AsyncIterator[Process]:
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
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _until_up(session: aiohttp.ClientSession, directory: Path, process: Process) -> None:
    try:
        async with asyncio.timeout(READY_SECONDS):
            while process.returncode is None:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    async with session.get("/redfish/v1/") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)
            how = f"ended with exit code {process.returncode}"
    except TimeoutError:
        how = f"was not up after {READY_SECONDS:.0f} s"
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
