import re

import pytest

from harness.exits import RefusedError
from harness.lab import Component, Components, EmbeddedLab, load_lab
from harness.problems import BadFiles
from harness.processes.prepare import real_components
from tests.processes.programs import program

BAD = {
    "an unknown component": ("components: {etdc: pinned}\n", 'did you mean "etcd"?'),
    "an unknown choice": ("components: {etcd: pined}\n", 'did you mean "pinned"?'),
    "a program that is not there": ("components: {etcd: {path: nowhere}}\n", "there is no file"),
    "a path without a path": ("components: {etcd: {flags: [--debug]}}\n", "needs `path`"),
    "a pinned one that nobody can build": ("components: {bmo: pinned}\n", "a pinned one cannot be had"),
    "a server without a store": ("components: {etcd: emulated}\n", "a real kube-apiserver needs a real etcd"),
    "a directory of manifests that is not there": ("components: {bmo: {path: bmo, manifests: no}}\n", "there is no directory"),
    "components of clusters that are there": ("clusters: {}\ncomponents: {}\n", "either `clusters:` or `components:`"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_component_is_told_at_its_place(tmp_path, case):
    text, cause = BAD[case]
    program(tmp_path, "bmo", "exit 0")
    (tmp_path / "lab.yaml").write_text(text)
    with pytest.raises(BadFiles) as bad:
        load_lab(tmp_path / "lab.yaml")

    assert cause in str(bad.value)
    assert re.search(r"lab\.yaml:\d+:\d+", str(bad.value))


def test_a_component_may_be_a_program_with_flags_and_manifests(tmp_path):
    bmo = program(tmp_path, "bmo", "exit 0")
    (tmp_path / "lab.yaml").write_text("components: {bmo: {path: bmo, flags: [--dev, -v=3], manifests: .}}\n")
    lab = load_lab(tmp_path / "lab.yaml")

    assert isinstance(lab, EmbeddedLab)
    assert lab.components
    assert lab.components.bmo == Component("path", bmo, ("--dev", "-v=3"), tmp_path / ".")
    assert lab.components.capi == Component("emulated")


def test_real_servers_bring_their_garbage_collector(tmp_path):
    chosen = real_components(Components())
    whole = real_components(Components(kube_controller_manager=Component("pinned")))

    assert set(chosen) == {"etcd", "kube-apiserver", "clusterctl", "collector"}
    assert set(whole) == {"etcd", "kube-apiserver", "clusterctl", "kube-controller-manager"}


def test_emulated_servers_need_nothing_beside_them_and_no_real_manager_runs_on_them():
    ours = Components(kube_apiserver=Component("emulated"))
    with pytest.raises(RefusedError, match="a real capi needs a real API server"):
        real_components(Components(kube_apiserver=Component("emulated"), capi=Component("pinned")))

    assert set(real_components(ours)) == {"clusterctl"}
