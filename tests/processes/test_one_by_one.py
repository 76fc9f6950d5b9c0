"""Each component real alone, the rest emulated, and each emulated alone, the rest real: the same pivot, and the same wiped host."""

from pathlib import Path

import pytest

from harness.processes import build, ironic
from harness.processes.ironic_start import image_maker
from harness.processes.versions import pinned
from tests.processes.test_real_lab import NEEDED
from tests.run_on_lab import run
from tests.stories import STORIES

RUN_SECONDS = 900
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

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.timeout(RUN_SECONDS),
    pytest.mark.skipif(bool(build.missing(NEEDED)), reason="the pinned components are not built; `harness lab up` builds them"),
    pytest.mark.skipif(not (ironic.is_installed(build.kept()) and image_maker()), reason="Ironic is not installed, or mkisofs"),
    pytest.mark.xdist_group("real-lab"),
]


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
