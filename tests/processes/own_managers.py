"""A user's own managers: a program of Go with webhooks, and scripts that let our controllers reconcile beside it."""

import os
import subprocess
from pathlib import Path

from harness.processes.toolchain import go_environment
from harness.processes.versions import pinned
from tests.processes.programs import python_program

SOURCE = Path(__file__).parent / "manager" / "main.go"
ROOT = Path(__file__).parents[2]
SCRIPT = """
import asyncio, os, subprocess, sys
from pathlib import Path
from urllib.parse import urlsplit

serving = [{name!r}, *sys.argv[1:]]
if "--help" in sys.argv:
    os.execv({server!r}, serving)
subprocess.Popen(serving, executable={server!r})
sys.path.insert(0, {root!r})
from harness.emulated.pace import Pace
from harness.emulated.seed import steady
from harness.emulated.side import Side

kubeconfig, ironic = Path(os.environ["KUBECONFIG"]).read_text(), os.environ.get("IRONIC_ENDPOINT", "")
secrets = Path(os.environ.get("METAL3_AUTH_ROOT_DIR", "/nowhere")) / "ironic"
credentials = tuple((secrets / name).read_text() for name in ("username", "password")) if ironic else ("", "")
side = Side(
    kubeconfig, address=urlsplit(ironic).hostname, ironic_url=ironic.removesuffix("/v1/"), credentials=credentials, pace=Pace(5)
)
asyncio.run(side.controllers()[steady.{deployment}]())
"""


def webhook_server(directory: Path) -> Path:
    """Build the program of Go, of the libraries that the pinned Cluster API is built of."""
    target = directory / "manager"
    command = ["go", "build", "-trimpath", "-o", str(target), str(SOURCE)]
    environment = {**os.environ, **go_environment()}
    subprocess.run(command, cwd=pinned("capi").module, env=environment, check=True, capture_output=True, text=True)
    return target


def own_manager(directory: Path, name: str, server: Path) -> Path:
    """A manager, bmo or capm3, that reconciles, and has webhooks by the server."""
    script = SCRIPT.format(name=name, server=str(server), root=str(ROOT), deployment=name.upper())
    return python_program(directory, name, script)
