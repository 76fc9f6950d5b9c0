"""A user's own managers: a program of Go with webhooks, and scripts that let our controllers reconcile beside it."""

import os
import subprocess
from pathlib import Path

from harness.lab.versions import pinned
from harness.processes.programs.toolchain import go_environment
from tests.processes.small_programs import python_program

SOURCES = Path(__file__).parent / "manager"
ROOT = Path(__file__).parents[2]
SCRIPT = """
import asyncio, os, signal, subprocess, sys, threading
from pathlib import Path
from urllib.parse import urlsplit

serving = [{name!r}, *sys.argv[1:]]
if "--help" in sys.argv:
    os.execv({server!r}, serving)
server = subprocess.Popen(serving, executable={server!r})
signal.signal(signal.SIGTERM, lambda *_: server.terminate())
threading.Thread(target=lambda: os._exit(server.wait()), daemon=True).start()
sys.path.insert(0, {root!r})
from harness.emulated.plan.time_scale import Pace
from harness.emulated.seed import steady
from harness.emulated.lab.management_cluster import ManagementCluster

kubeconfig, ironic = Path(os.environ["KUBECONFIG"]).read_text(), os.environ.get("IRONIC_ENDPOINT", "")
secrets = Path(os.environ.get("METAL3_AUTH_ROOT_DIR", "/nowhere")) / "ironic"
credentials = tuple((secrets / name).read_text() for name in ("username", "password")) if ironic else ("", "")
side = ManagementCluster(
    kubeconfig, address=urlsplit(ironic).hostname, ironic_url=ironic.removesuffix("/v1/"), credentials=credentials, pace=Pace(5)
)
asyncio.run(side.controllers()[steady.{deployment}]())
"""
"""Our controllers beside the program of Go, which is told when to end, and with which all ends."""


def webhook_server(directory: Path) -> Path:
    """Build the program of Go, by the libraries that the pinned Cluster API is built of."""
    target = directory / "manager"
    command = ["go", "build", "-trimpath", "-o", str(target), *map(str, sorted(SOURCES.glob("*.go")))]
    environment = {**os.environ, **go_environment()}
    subprocess.run(command, cwd=pinned("capi").module, env=environment, check=True, capture_output=True, text=True)
    return target


def own_manager(directory: Path, name: str, server: Path) -> Path:
    """A manager, bmo, capm3 or ipam, that reconciles, and has everything else by the server."""
    script = SCRIPT.format(name=name, server=str(server), root=str(ROOT), deployment=name.upper())
    return python_program(directory, name, script)
