"""A throwaway environment for the judges: pinned releases with hashes in a venv of their own, and sushy-emulator out of it."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import aiohttp

from tests.waiting import until

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
REQUIREMENTS = HERE / "requirements.txt"
DEFAULT = ROOT / "build" / "judges"
INSTALL_SECONDS = 300.0
READY_SECONDS = 30.0
STOP_SECONDS = 10.0
NO_PROXIES = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
"""All that a judge is given: certificate bundles and proxies of the shell would be obeyed against what is asked on the line."""


def made(directory: Path = DEFAULT, requirements: Path = REQUIREMENTS) -> Path:
    """The venv's directory of programs; made if it is not there, or was made of other requirements."""
    mark, programs = directory / ".made-of", directory / "bin"
    digest = sha256(requirements.read_bytes()).hexdigest()
    if not mark.is_file() or mark.read_text() != digest:
        subprocess.run([sys.executable, "-m", "venv", "--clear", directory], check=True, timeout=INSTALL_SECONDS)
        pip = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "-r", requirements], check=True, timeout=INSTALL_SECONDS)
        mark.write_text(digest)
    return programs


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago, for servers that cannot tell theirs."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@contextlib.asynccontextmanager
async def sushy_emulator(
    programs: Path, directory: Path, systems: list[dict], *, tls: tuple[Path, Path] | None = None, features: str = "full"
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A sushy-emulator with the fake driver and these systems while the block runs: its base URL, and its process.

    It keeps its state in `directory`; in its default place it would find that of earlier runs.
    """
    port = free_port()
    config = directory / "sushy-emulator.conf.py"
    state = directory / "state"
    state.mkdir()
    settings = {"FAKE_DRIVER": True, "STATE_DIR": str(state), "FEATURE_SET": features, "FAKE_SYSTEMS": systems}
    config.write_text("".join(f"SUSHY_EMULATOR_{name} = {value!r}\n" for name, value in settings.items()))
    arguments = ["--fake", "--config", config, "--interface", "127.0.0.1", "--port", str(port)]
    if tls:
        arguments += ["--ssl-certificate", tls[0], "--ssl-key", tls[1]]
    base = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    with (directory / "sushy-emulator.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            programs / "sushy-emulator", *arguments, stdout=log, stderr=log, env={**NO_PROXIES, "TMPDIR": str(directory)}
        )
    try:
        await _answers(base)
        yield base, process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), STOP_SECONDS)


async def _answers(base: str) -> None:
    """Wait until there is a service root."""
    async with aiohttp.ClientSession() as client:

        async def there() -> bool:
            try:
                async with client.get(f"{base}/redfish/v1/", ssl=False) as response:
                    return response.status == 200
            except aiohttp.ClientError:
                return False

        await until(there, f"a service root at {base}", READY_SECONDS)
