import re

import pytest

from harness.files.problems import BadFilesError
from harness.lab.file import load_lab
from harness.lab.model import Component, Components, EmbeddedLab, Versions
from harness.lab.versions import GO_PROGRAMS, MODULES, lines, pinned
from harness.processes.programs.prepare import real_components
from tests.processes.small_programs import program

BAD = {
    "an unknown component": ("components: {etdc: pinned}\n", 'did you mean "etcd"?'),
    "an unknown choice": ("components: {etcd: pined}\n", 'did you mean "pinned"?'),
    "a program that is not there": ("components: {etcd: {path: nowhere}}\n", "there is no file"),
    "a directory for a program": ("components: {etcd: {path: .}}\n", ": it is a directory"),
    "a path without a path": ("components: {etcd: {flags: [--debug]}}\n", "needs `path`"),
    "a pinned one that nobody can build": ("components: {bmo: pinned}\n", "a pinned one cannot be had"),
    "a server without a store": ("components: {etcd: emulated}\n", "a real kube-apiserver needs a real etcd"),
    "manifests that are not there": ("components: {bmo: {path: bmo, manifests: no}}\n", "there is no file or directory"),
    "a version that nobody pinned": (
        "components: {kubernetes: 1.32}\n",
        '"1.32" is not among those that can be built here: 1.33 (1.33.13), 1.34 (1.34.4), 1.35 (1.35.4), 1.36 (1.36.3)',
    ),
    "a version of one cluster": ("components: {cluster-api: {source: 1.12}}\n", "1.13 (1.13.6), 1.14 (1.14.2)"),
    "a version of a cluster that there is not": ("components: {kubernetes: {sorce: 1.33}}\n", 'did you mean "source"?'),
    "a version without a pinned server": (
        "components: {kubernetes: 1.33, kube-apiserver: emulated}\n",
        "`kube-apiserver` is emulated",
    ),
    "a version without a pinned mover": (
        "components: {cluster-api: 1.13, clusterctl: emulated}\n",
        "neither `clusterctl` nor `capi`",
    ),
    "components of clusters that are there": ("clusters: {}\ncomponents: {}\n", "either `clusters:` or `components:`"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_component_is_told_at_its_place(tmp_path, case):
    text, cause = BAD[case]
    program(tmp_path, "bmo", "exit 0")
    (tmp_path / "lab.yaml").write_text(text)
    with pytest.raises(BadFilesError) as bad:
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


def test_emulated_servers_need_nothing_beside_them():
    ours = Component("emulated")

    assert set(real_components(Components(kube_apiserver=ours))) == {"clusterctl"}
    assert set(real_components(Components(kube_apiserver=ours, capi=Component("pinned")))) == {"clusterctl", "capi"}


VERSIONS = {
    "components: {}": Versions(),
    "components: {kubernetes: 1.33}": Versions("1.33", "1.33", "1.33"),
    'components: {kubernetes: "v1.33"}': Versions("1.33", "1.33", "1.33"),
    "components: {kubernetes: 1.33.13}": Versions("1.33", "1.33", "1.33"),
    "components: {kubernetes: {source: 1.33, target: 1.36}}": Versions("1.33", "1.36"),
    "components: {kubernetes: {workload: 1.35}}": Versions(workload="1.35"),
}


@pytest.mark.parametrize("text", VERSIONS)
def test_a_version_may_be_of_all_clusters_or_of_each(tmp_path, text):
    (tmp_path / "lab.yaml").write_text(text)
    lab = load_lab(tmp_path / "lab.yaml")

    assert isinstance(lab, EmbeddedLab)
    assert lab.components
    assert lab.components.kubernetes == VERSIONS[text]


def test_the_workload_is_of_the_targets_version_and_the_newest_is_the_default():
    mixed = Versions(source="1.33", target="1.35")

    assert [mixed.of(cluster) for cluster in ("source", "target", "workload")] == ["1.33", "1.35", "1.35"]
    assert pinned("kube-apiserver", mixed.of("source")).version == "1.33.13"
    assert pinned("kube-apiserver", Versions().of("workload")).version == "1.36.3"


@pytest.mark.parametrize("name", GO_PROGRAMS)
def test_every_release_is_locked(name):
    for line, release in lines(GO_PROGRAMS[name].product).items():
        module = pinned(name, line).module
        assert (module / "go.sum").is_file()
        assert pinned(name, line).version == release
        assert f"{MODULES[GO_PROGRAMS[name].product]} v{release} h1:" in (module / "go.sum").read_text()


def test_cluster_api_keeps_its_core_manager_apart_since_1_14():
    assert pinned("capi", "1.13").package == "sigs.k8s.io/cluster-api"
    assert pinned("capi", "1.14").package == "sigs.k8s.io/cluster-api/core"


def test_a_program_is_stamped_with_its_release():
    assert "k8s.io/component-base/version.gitVersion=v1.33.13 " in pinned("kube-apiserver", "1.33").linker_flags
    assert "k8s.io/component-base/version.gitMinor=33 " in pinned("collector", "1.33").linker_flags
