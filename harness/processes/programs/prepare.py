"""Everything that a lab of processes needs before it can be started: each component's program, found or built."""

import functools
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from harness.errors import UsageError
from harness.journal.facts import SIDES
from harness.lab.model import Component, Components, EmbeddedLab, Versions
from harness.lab.versions import GO_PROGRAMS, IRONIC, Pinned, pinned
from harness.processes.lab import CLUSTERS
from harness.processes.parts.ironic_start import image_maker
from harness.processes.programs import build, ironic
from harness.processes.programs.toolchain import check_machine, package_index
from harness.processes.programs.user_programs import unfit
from harness.processes.settings import ComponentProgram, ProcessesSettings

COLLECTOR, BMC = "collector", "bmc"
SERVERS = ("etcd", "kube-apiserver")
"""What the workload's cluster is made of; nothing is managed in it."""


def prepare(lab: EmbeddedLab, data: Path) -> ProcessesSettings:
    """Find or build every program; quick where all is there. UsageError tells everything that is missing, with its cure.

    `data` is where the lab will keep its data.
    """
    components = lab.components or Components()
    chosen, released = real_components(components), releases(components)
    to_build = build.missing(released.values())
    to_install = "ironic" in chosen and chosen["ironic"].kind == "pinned" and not ironic.is_installed(build.kept())
    check_machine(to_build, build.kept(), data, [*unfit(chosen), *(package_index() if to_install else ())])
    if to_build:
        build.build(to_build)
    if "ironic" in chosen:
        _prepare_ironic(chosen["ironic"])
    programs = {
        cluster: {name: _program(name, chosen[name], released.get((cluster, name))) for name in names}
        for cluster, names in _in_clusters(chosen).items()
    }
    return ProcessesSettings(lab.embedded, programs)


def releases(components: Components) -> dict[tuple[str, str], Pinned]:
    """Which release stands for a pinned program, by cluster and component."""
    chosen = real_components(components)
    return {
        (cluster, name): _release(name, cluster, components)
        for cluster, names in _in_clusters(chosen).items()
        for name in names
        if chosen[name].kind == "pinned" and name in GO_PROGRAMS
    }


def _in_clusters(chosen: Iterable[str]) -> dict[str, list[str]]:
    """The components of each cluster; BMCs belong to none."""
    names = [name for name in chosen if name != BMC]
    return {cluster: [name for name in names if cluster in SIDES or name in SERVERS] for cluster in CLUSTERS}


def _release(name: str, cluster: str, components: Components) -> Pinned:
    """The version that was chosen for that cluster; clusterctl is the target's."""
    chosen = {"kubernetes": components.kubernetes, "cluster-api": components.cluster_api}
    versions = chosen.get(GO_PROGRAMS[name].product, Versions())
    return pinned(name, versions.of("target" if name == "clusterctl" else cluster))


@functools.cache
def _prepare_ironic(component: Component) -> None:
    """Install it where it is missing; what it cannot do on this machine is told once."""
    if component.kind == "pinned" and not ironic.is_installed(build.kept()):
        with build.alone():
            if not ironic.is_installed(build.kept()):
                ironic.install(build.kept())
    if image_maker() is None:
        sys.stderr.write(
            "no mkisofs: the real Ironic adopts hosts, but cannot inspect or deploy them (apt-get or dnf install xorriso)\n"
        )


def real_components(components: Components) -> dict[str, Component]:
    """The components that are processes of their own, by the name that the lab file gives them; and what they need beside them."""
    given = {field.encode_name: getattr(components, field.name) for field in msgspec.structs.fields(Components)}
    chosen = {name: each for name, each in given.items() if isinstance(each, Component) and each.kind != "emulated"}
    if "kube-apiserver" not in chosen:
        chosen.pop("etcd", None)
        chosen.pop("kube-controller-manager", None)
    elif "kube-controller-manager" not in chosen:
        chosen[COLLECTOR] = Component("pinned")
    return chosen


def _program(name: str, component: Component, release: Pinned | None) -> ComponentProgram:
    if component.path is not None:
        manifests = component.manifests.absolute() if component.manifests else None
        return ComponentProgram(component.path.absolute(), component.flags, manifests)
    if name == "ironic":
        return ComponentProgram(ironic.ironic(build.kept()), release=IRONIC)
    if release is None:
        raise UsageError(f"{name} cannot be built; give the path of your own program")
    return ComponentProgram(build.program(release), (), build.manifests(release) if name == "capi" else None, release.version)
