"""A whole run by the command line on a lab of a file, and what it ended with."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from harness.journal.facts import SIDES
from harness.journal.journal import FILE_NAME, read
from harness.world.carried.kinds import defined
from harness.world.world import World

ROOT = Path(__file__).parents[1]
RUN_SECONDS = 100


class Run(NamedTuple):
    """What a run ended with."""

    code: int
    verdict: dict[str, Any]
    output: str

    @property
    def hosts(self) -> dict[str, str]:
        """The verdict of each host."""
        return {name: host["verdict"] for name, host in self.verdict["hosts"].items()}

    def said(self, check: str, host: str) -> str:
        """What that check says of that host."""
        return next(item["says"] for item in self.verdict["checks"] if (item["check"], item["host"]) == (check, host))


def unwatched_kinds(out: Path) -> dict[str, set[str]]:
    """By cluster, the kinds that clusterctl would discover there and that this run did not watch."""
    world = World(read(out / FILE_NAME), final=True)
    discovered = {kind for side in SIDES for kind in defined(world, side, world.now)} | {"Secret", "ConfigMap"}
    watched = {
        side: {sight.kind for sight in world.coverage.sights if (sight.sight, sight.cluster) == ("kube", side)} for side in SIDES
    }
    return {side: discovered - watched[side] for side in SIDES}


def run(scenario: str, lab: Path, out: Path, seconds: float = RUN_SECONDS) -> Run:
    """Run it; without a clusterctl that happens to be on PATH."""
    command = [sys.executable, "-m", "harness", "run", scenario, "--lab", str(lab), "--out", str(out)]
    environment = os.environ | {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False)
    assert (out / "verdict.json").exists(), done.stdout + done.stderr
    return Run(done.returncode, json.loads((out / "verdict.json").read_text()), done.stdout + done.stderr)
