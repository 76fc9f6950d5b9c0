"""What an embedded lab leaves in its directory: kubeconfigs, secrets, manifests, and last of all `lab.yaml`, an ordinary lab file."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import msgspec
import yaml

from harness.emulated.kube.client import Json
from harness.emulated.plan.plan import SOURCE_ADDRESS, TARGET_ADDRESS, LabPlan, bmc_address

LAB_FILE = "lab.yaml"
DEPLOYMENT = "baremetal-operator-system/ironic"
NO_MANIFESTS: Mapping[str, Sequence[Json]] = MappingProxyType({})


@dataclass(frozen=True)
class Addresses:
    """Where everything is, as URLs: `bmcs` by host (the System's URL, or `ipmi://…`), `ironics` by side.

    `control` is the network's, `recorder` that of the recorder before the BMCs, empty where there is none.
    """

    bmcs: dict[str, str]
    ironics: dict[str, str]
    control: str
    recorder: str = ""


def write_kubeconfigs(directory: Path, kubeconfigs: dict[str, Json]) -> None:
    """A file for each cluster, by its name."""
    for name, kubeconfig in kubeconfigs.items():
        _write(directory / f"{name}.kubeconfig", yaml.safe_dump(kubeconfig, sort_keys=False))


def write_lab(
    directory: Path,
    plan: LabPlan,
    addresses: Addresses,
    manifests: Mapping[str, Sequence[Json]] = NO_MANIFESTS,
    further: Mapping[str, Mapping[str, Sequence[Json]]] = MappingProxyType({}),
) -> Path:
    """Write everything else; returns the lab file's path. `manifests` are objects that nobody has applied yet, by their file.

    So are those of `further`, by the lab file's key for them.
    """
    _write(directory / "ironic.secret", _secret(plan.ironic_username, plan.ironic_password))
    for host in plan.hosts:
        _write(directory / f"{host.name}.secret", _secret(host.username, host.password))
    groups = {key: group for key, group in {"manifests": manifests, **further}.items() if group}
    named = {key: {name: f"lab-{_prefix(key)}{name}.yaml" for name in group} for key, group in groups.items()}
    for key, group in groups.items():
        for name, objects in group.items():
            apart = msgspec.json.decode(msgspec.json.encode(objects))  # what two of them share is written out in both
            _write(directory / named[key][name], yaml.safe_dump_all(apart, sort_keys=False))
    _write(directory / LAB_FILE, yaml.safe_dump({**_lab(plan, addresses), **named}, sort_keys=False))
    return directory / LAB_FILE


def _lab(plan: LabPlan, addresses: Addresses) -> Json:
    sides = {"source": SOURCE_ADDRESS, "target": TARGET_ADDRESS}
    clusters: Json = {name: {"kubeconfig": f"{name}.kubeconfig", "vantage": address} for name, address in sides.items()}
    clusters["source"] = {**clusters["source"], "namespace": plan.config.namespace}
    if plan.config.is_target_provisioned:
        clusters["target"] = {**clusters["target"], "appears": True}
    else:
        clusters["workload"] = {"kubeconfig": "workload.kubeconfig"}
    runs_as = {"deployment": DEPLOYMENT}
    return {
        "clusters": clusters,
        "ironic": {
            side: {"url": url, "credentials": "file:ironic.secret", "runs_as": dict(runs_as)}
            for side, url in addresses.ironics.items()
        },
        "hosts": {
            host.name: {"bmc": bmc_address(addresses.bmcs[host.name], "redfish"), "credentials": f"file:{host.name}.secret"}
            for host in plan.hosts
        },
        **({"mover": {"clusterctl": plan.config.clusterctl}} if plan.config.clusterctl else {}),
        "network": {"control": addresses.control},
        **({"recorder": {"control": addresses.recorder}} if addresses.recorder else {}),
        "unclaimed": "report",
        # Real components take the time that they take.
        "speed": 1.0 if plan.config.programs else plan.config.speed,
        "settle": "45s" if plan.config.programs else "60s",
    }


def _prefix(key: str) -> str:
    return "" if key in ("manifests", "init") else f"{key}-"


def _secret(username: str, password: str) -> str:
    return msgspec.json.encode({"username": username, "password": password}).decode()


def _write(path: Path, text: str) -> None:
    """Write a file atomically, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
