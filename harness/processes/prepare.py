"""Everything that a lab of processes needs before it can be started: each component's program, found or built."""

import functools
import sys

import msgspec

from harness.exits import RefusedError
from harness.lab import Component, Components, EmbeddedLab
from harness.processes import build, ironic
from harness.processes.ironic_start import image_maker
from harness.processes.manager import DEPLOYMENTS
from harness.processes.settings import Program, Settings
from harness.processes.toolchain import check_machine
from harness.processes.versions import GO_PROGRAMS

COLLECTOR = "collector"


def prepare(lab: EmbeddedLab) -> Settings:
    """Find or build every program; quick where all is there. RefusedError tells everything that is missing, with its cure."""
    chosen = real_components(lab.components or Components())
    to_build = build.missing(name for name, component in chosen.items() if component.kind == "pinned" and name in GO_PROGRAMS)
    check_machine(to_build, build.cache())
    if to_build:
        build.build(to_build)
    if "ironic" in chosen:
        _prepare_ironic(chosen["ironic"])
    return Settings(lab.embedded, {name: _program(name, component) for name, component in chosen.items()})


@functools.cache
def _prepare_ironic(component: Component) -> None:
    """Install it where it is missing; what it cannot do on this machine is told once."""
    if component.kind == "pinned" and not ironic.is_installed(build.kept()):
        with build.alone():
            if not ironic.is_installed(build.kept()):
                ironic.install(build.kept())
    if image_maker() is None:
        sys.stderr.write(
            "no mkisofs: the real Ironic adopts hosts, but cannot inspect or deploy them (apt-get install xorriso)\n"
        )


def real_components(components: Components) -> dict[str, Component]:
    """The components that are processes of their own, by the name that the lab file gives them; and what they need beside them."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(Components)}
    chosen = {names[name]: getattr(components, name) for name in names if getattr(components, name).kind != "emulated"}
    if "kube-apiserver" not in chosen:
        if managers := sorted(DEPLOYMENTS.keys() & chosen.keys()):
            raise RefusedError(f"a real {managers[0]} needs a real API server: `components: {{kube-apiserver: pinned}}`")
        chosen.pop("etcd", None)
        chosen.pop("kube-controller-manager", None)
    elif "kube-controller-manager" not in chosen:
        chosen[COLLECTOR] = Component("pinned")
    return chosen


def _program(name: str, component: Component) -> Program:
    if component.path is not None:
        path = component.path.absolute()
        return Program(path, component.flags, component.manifests)
    if name == "ironic":
        return Program(ironic.ironic(build.kept()))
    if name not in GO_PROGRAMS:
        raise RefusedError(f"{name} cannot be built; give the path of your own program")
    return Program(build.program(name), (), build.manifests() if name == "capi" else None)
