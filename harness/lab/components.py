"""`components` of a lab file read: which are real, of which version, and which choices do not fit each other; and how its BMCs are made."""

from typing import Any, Literal

import msgspec

from harness.files.binding import WRONG, Binder, fields_of
from harness.files.problems import quote
from harness.files.yaml_tree import Table, Value
from harness.lab import model as lab
from harness.lab.versions import NAMES, lines

UNPINNED = frozenset({"capm3", "ipam", "bmo"})
"""Components of which no released module or package can be built here."""

IPMI_PERSONALITIES = ("emulated", "plain")


def component(bind: Binder, value: Value) -> Any:
    """`emulated`, `pinned`, or a table with the path of a program."""
    if not isinstance(value, Table):
        kind = bind.value(value, Literal["emulated", "pinned"])
        return WRONG if kind is WRONG else lab.Component(kind)
    fields = [field for field in fields_of(lab.Component) if field.name != "kind"]
    fields = [msgspec.structs.replace(field, required=field.name == "path") for field in fields]
    bound = bind.table(value, fields, "a component")
    return WRONG if bound is WRONG else lab.Component("path", **bound)


def versions(bind: Binder, value: Value, product: str) -> Any:
    """One version line for all clusters, or a table with one for each."""
    if not isinstance(value, Table):
        line = _line(bind, value, product)
        return WRONG if line is WRONG else lab.Versions(line, line, line)
    fields = [field for field in fields_of(lab.Versions) if product == "kubernetes" or field.name != "workload"]
    bound = bind.table(value, fields, f"`{product}`")
    found = {cluster: _line(bind, each, product) for cluster, each in value.values.items()} if bound is not WRONG else {}
    return WRONG if bound is WRONG or WRONG in found.values() else lab.Versions(**found)


def _line(bind: Binder, value: Value, product: str) -> Any:
    text = bind.scalar(value, f"a minor version of {NAMES[product]}")
    if text is None:
        return WRONG
    known = lines(product)
    wanted = text.removeprefix("v")
    found = next((line for line, release in known.items() if wanted in (line, release)), None)
    if found is not None:
        return found
    releases = ", ".join(f"{line} ({release})" for line, release in known.items())
    return bind.wrong(value, f"{NAMES[product]} {quote(text)} is not among those that can be built here: {releases}")


def components(bind: Binder, value: Value) -> Any:
    """All components; contradictory choices are reported as problems."""
    found = bind.struct(value, lab.Components)
    if found is WRONG or not isinstance(value, Table):
        return WRONG
    clashes = _clashes(found, value)
    for key, cause in clashes:
        bind.wrong(value.values[key], cause)
    return WRONG if clashes else found


def with_real_bmcs(bind: Binder, tree: Table, made: lab.EmbeddedLab) -> lab.EmbeddedLab:
    """The lab with sushy-emulator for BMCs, where `components` says so; what does not go with that is told."""
    chosen, bmc = made.components.bmc if made.components else lab.Component(), made.embedded.bmc
    if chosen.kind == "emulated":
        return made
    if bmc.protocol != "redfish" or bmc.personality != "emulated":
        place = tree.values["components"]
        cause = "a real BMC here is sushy-emulator, which speaks Redfish and has no personality but its own"
        bind.wrong(place.values["bmc"] if isinstance(place, Table) else place, cause)
    bmc = msgspec.structs.replace(bmc, kind="sushy-emulator", program=chosen.path or bmc.program, flags=chosen.flags or bmc.flags)
    return msgspec.structs.replace(made, embedded=msgspec.structs.replace(made.embedded, bmc=bmc))


def _clashes(found: lab.Components, value: Table) -> list[tuple[str, str]]:
    """Key and cause of each choice that does not fit another."""
    clashes = [
        (name, "a pinned one cannot be had; write `emulated`, or give the path of your own program")
        for name in sorted(UNPINNED & value.values.keys())
        if getattr(found, name).kind == "pinned"
    ]
    if found.etcd.kind == "emulated" and found.kube_apiserver.kind != "emulated":
        clashes.append(("etcd", "a real kube-apiserver needs a real etcd; write `pinned`, or `kube-apiserver: emulated` too"))
    if "kubernetes" in value.values and found.kube_apiserver.kind == "emulated":
        clashes.append(("kubernetes", "this is the version of pinned programs, and `kube-apiserver` is emulated"))
    if "cluster-api" in value.values and "pinned" not in (found.clusterctl.kind, found.capi.kind):
        clashes.append(("cluster-api", "this is the version of pinned programs, and neither `clusterctl` nor `capi` is pinned"))
    return clashes


def embedded_bmc(bind: Binder, value: Value) -> Any:
    """The lab.EmbeddedBmc that is written there, or WRONG."""
    bmc = bind.struct(value, lab.EmbeddedBmc, "`bmc`")
    if bmc is WRONG or not isinstance(value, Table):
        return WRONG
    clashes = _of_sushy_emulator(bmc, value) if bmc.kind == "sushy-emulator" else _of_ours(bmc)
    for key, cause in clashes:
        bind.wrong(value.values[key], cause)
    return WRONG if clashes else bmc


def _of_ours(bmc: lab.EmbeddedBmc) -> list[tuple[str, str]]:
    """Key and cause of each choice that our own emulated BMCs do not know."""
    clashes = []
    if bmc.driver != "fake":
        clashes.append(("driver", "drivers are sushy-emulator's; write `kind: sushy-emulator` beside it"))
    if bmc.program:
        clashes.append(("program", "the program is sushy-emulator's; write `kind: sushy-emulator` beside it"))
    if bmc.protocol == "ipmi" and bmc.personality not in IPMI_PERSONALITIES:
        cause = "vendors' personalities are told over Redfish; a BMC that speaks IPMI is `emulated` or `plain`"
        clashes.append(("personality", cause))
    return clashes


def _of_sushy_emulator(bmc: lab.EmbeddedBmc, value: Table) -> list[tuple[str, str]]:
    """Key and cause of each choice that sushy-emulator does not know."""
    clashes = []
    if bmc.personality != "emulated":
        clashes.append(("personality", "sushy-emulator has no personality but its own"))
    if "recorder" in value.values and not bmc.recorder:
        cause = "sushy-emulator keeps no trace of a reset, so the recorder always stands before it"
        clashes.append(("recorder", cause))
    if bmc.protocol == "ipmi":
        clashes.append(("protocol", "sushy-emulator speaks Redfish only"))
    return clashes


def with_control_planes(tree: Table, made: lab.EmbeddedLab) -> lab.EmbeddedLab:
    """The lab with `kubeadm` decided: upstream has no control plane of several Machines without a KubeadmControlPlane."""
    embedded, written = made.embedded, tree.values.get("embedded")
    is_told = isinstance(written, Table) and "kubeadm" in written.values
    if is_told or embedded.provisioned or made.components or embedded.control_planes == 1:
        return made
    return msgspec.structs.replace(made, embedded=msgspec.structs.replace(embedded, kubeadm=True))
