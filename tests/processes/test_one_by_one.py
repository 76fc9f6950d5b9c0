"""Each component real alone, the rest emulated, and each emulated alone, the rest real: the same pivot, and the same wiped host."""

from pathlib import Path

import pytest

from harness.lab.versions import pinned
from harness.processes.programs import build
from tests.processes.marks import RUN_SECONDS, WITH_IRONIC
from tests.run_on_lab import run
from tests.stories import STORIES

EMULATED = {"kube-apiserver": "emulated", "clusterctl": "emulated"}
REAL = {"capi": "pinned", "ironic": "pinned"}
LABS = {
    "clusterctl real": EMULATED | {"clusterctl": "pinned"},
    "Cluster API real": EMULATED | {"capi": "pinned"},
    "Ironic real": EMULATED | {"ironic": "pinned"},
    "BMCs real": EMULATED | {"bmc": "pinned"},
    "clusterctl emulated": REAL | {"clusterctl": "emulated"},
    "Cluster API emulated": REAL | {"capi": "emulated"},
    "Ironic emulated": REAL | {"ironic": "emulated"},
    "API servers emulated": REAL | {"kube-apiserver": "emulated"},
    "nothing emulated that can be had": REAL | {"bmc": "pinned"},
    "all of kube-controller-manager": REAL | {"kube-controller-manager": "pinned"},
}
WHOLE = pinned("kube-controller-manager")

pytestmark = WITH_IRONIC


@pytest.mark.parametrize("scenario", ["pivot", "pivot_status_lost"])
@pytest.mark.parametrize("lab", LABS)
def test_a_story_ends_alike_whatever_is_real(tmp_path: Path, lab, scenario):
    if LABS[lab].get("kube-controller-manager") and build.missing([WHOLE]):
        pytest.skip("kube-controller-manager is not built; a lab that has it builds it")
    path, story = tmp_path / "lab.yaml", STORIES[scenario]
    components = ", ".join(f"{name}: {kind}" for name, kind in LABS[lab].items())
    path.write_text(f"components: {{{components}}}\nembedded: {{hosts: 3, spares: 1, speed: 5}}\n")
    done = run(scenario, path, tmp_path / "run", RUN_SECONDS)

    unproven = [item for item in done.verdict["checks"] if item["verdict"] != "pass"]
    assert (done.code, done.hosts) == (story.code, story.hosts), unproven
