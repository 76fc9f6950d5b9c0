"""Making a management cluster of a bare one: what is applied in which order, what stays as it is, and what is refused."""

from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from harness.bench.undo import take_back, unfinished
from harness.errors import UsageError
from harness.journal.facts import ObjectSeen, WriteIntended
from harness.kube.awaited import open_awaited
from harness.kube.errors import ClusterEndpoint
from harness.lab.discovery import keep_kubeconfig
from harness.lab.manifests import components_of
from harness.lab.model import Init
from harness.metal3 import CLUSTERCTL, DEFINITIONS_PATH, MOVE, MOVE_HIERARCHY
from harness.steps import init, install_bmo, install_ironic, label_definitions, move
from tests.steps.killed_move import killed_move

HOSTS, HARDWARE = "baremetalhosts.metal3.io", "hardwaredata.metal3.io"
WIDGETS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"kind": "Widget", "plural": "widgets"},
        "scope": "Namespaced",
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}},
        ],
    },
}
FILE = [
    {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a", "namespace": "place"}},
    WIDGETS,
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "place"}},
]


@asynccontextmanager
async def bare(directory: Path):
    """Two clusters; the lab names one file for all."""
    async with killed_move(directory, told=False) as made:
        (directory / "all.yaml").write_text(yaml.safe_dump_all(FILE))
        yield made.bench


def writes(bench: Any) -> list[str]:
    return [entry.fact.what for entry in bench.journal.entries if isinstance(entry.fact, WriteIntended)]


async def test_definitions_and_namespaces_come_first_and_what_is_there_stays(tmp_path):
    async with bare(tmp_path) as bench:
        assert await install_bmo.apply(bench, "target", tmp_path / "all.yaml") == ""
        assert writes(bench) == [
            "create Namespace place",
            "create CustomResourceDefinition widgets.example.com",
            "create Widget a",
        ]
        assert await bench.clusters["target"].get_json("/apis/example.com/v1/namespaces/place/widgets/a")

        said = await install_bmo.apply(bench, "target", tmp_path / "all.yaml")
        assert said == "3 of 3 objects of all.yaml were there already"
        assert len(writes(bench)) == 3


async def test_what_the_lab_file_does_not_name_cannot_be_installed(tmp_path):
    async with bare(tmp_path) as bench:
        for step, key in ((init.step, "providers"), (install_bmo.step, "bmo")):
            with pytest.raises(UsageError, match=rf"`init\.{key}` is missing, so this cannot be installed; name there"):
                await step(bench)
        bench.lab = msgspec.structs.replace(bench.lab, ironic=msgspec.structs.replace(bench.lab.ironic, target=None))
        with pytest.raises(UsageError, match=r"`ironic\.target\.runs_as` is missing"):
            await install_ironic.step(bench)


async def test_providers_that_run_already_need_no_file(tmp_path):
    async with bare(tmp_path) as bench:
        for name in init.PROVIDERS:
            about = {"kind": "Deployment", "name": name, "namespace": "x", "uid": name, "resource_version": "1"}
            seen = ObjectSeen(cluster="target", change="listed", object={}, **about)
            bench.journal.record(seen)
        assert await init.providers(bench, "target") == "the providers were there already"


async def test_a_target_that_is_not_there_yet_is_told_with_the_stage_that_comes_first(tmp_path):
    async with bare(tmp_path) as bench:
        await bench.clusters["source"].delete("/api/v1/namespaces/metal3/secrets/lab-kubeconfig")
        place = ClusterEndpoint("target", tmp_path / "to-come.kubeconfig")
        appear = partial(keep_kubeconfig, bench.lab, bench.clusters["source"], place)
        async with open_awaited(place.kubeconfig, name="target", appear=appear) as cluster:
            bench.clusters = {**bench.clusters, "target": cluster}
            says = r"cluster target: it is not there yet: .*to-come\.kubeconfig, and the Secret lab-kubeconfig is not"
            for step in (init.step, label_definitions.step, install_bmo.step, install_ironic.step, move.step):
                with pytest.raises(UsageError, match=says):
                    await step(bench)
            assert [what for what in writes(bench) if "target" in what] == []


async def labels(bench: Any, side: str, name: str) -> set[str]:
    body = await bench.clusters[side].get_json(f"{DEFINITIONS_PATH}/{name}")
    return {label for label in body["metadata"].get("labels") or {} if label.startswith(CLUSTERCTL)}


async def test_definitions_get_the_labels_that_they_lack_and_lose_them_again(tmp_path, monkeypatch):
    async with bare(tmp_path) as bench:
        monkeypatch.setattr(bench, "until", no_wait)
        path = f"{DEFINITIONS_PATH}/{HOSTS}"
        await bench.clusters["target"].patch_merge(path, {"metadata": {"labels": dict.fromkeys((MOVE, MOVE_HIERARCHY))}})
        before = await labels(bench, "target", HOSTS)
        await label_definitions.step(bench)

        assert writes(bench) == [f"label definition {HOSTS} with {MOVE}, {MOVE_HIERARCHY}"]
        for side in ("source", "target"):
            assert await labels(bench, side, HOSTS) == {CLUSTERCTL, MOVE, MOVE_HIERARCHY}
            assert {CLUSTERCTL, MOVE} <= await labels(bench, side, HARDWARE)
        (item,) = unfinished(bench.journal.entries)
        await take_back(bench, item)
        assert await labels(bench, "target", HOSTS) == before


async def no_wait(*_: Any) -> None:
    """Nobody watches here."""


def test_the_files_of_a_lab_may_be_left_out_each(tmp_path):
    assert Init() == Init(providers=None, bmo=None, ironic=None)
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(FILE))
    assert [(str(each), each.namespace) for each in components_of(tmp_path / "all.yaml")] == [
        ("Widget a", "place"), ("CustomResourceDefinition widgets.example.com", ""), ("Namespace place", ""),
    ]  # fmt: skip
