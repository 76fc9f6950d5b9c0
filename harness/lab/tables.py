"""Tables of a lab file that are judged in themselves.

How an audit log is named: the path of the file, or a table with the address to which an API server posts it. And `embedded.bmc`: how the
BMCs of a lab of ours are made, and what does not go together there.
"""

import ipaddress
from typing import Any

from harness.files.binding import WRONG, Binder
from harness.files.yaml_tree import Scalar, Table, Value
from harness.lab.applied import ExistingFile
from harness.lab.model import AuditAccess, EmbeddedBmc

IPMI_PERSONALITIES = ("emulated", "plain")


def audit_access(bind: Binder, value: Value) -> Any:
    """The access, or WRONG after the problem was added."""
    if isinstance(value, Scalar) and not value.is_null:
        path = bind.value(value, ExistingFile)
        return WRONG if path is WRONG else AuditAccess(path)
    access = bind.struct(value, AuditAccess, "an audit log")
    if access is WRONG:
        return WRONG
    if (access.file is None) is not bool(access.listen):
        return bind.wrong(value, "an audit log is a `file`, or an address to `listen` at for an API server's webhook")
    if access.listen and not access.port:
        return bind.wrong(value, "`listen` needs the `port` that the API server's webhook posts to")
    if access.listen and not access.certificate and not ipaddress.ip_address(access.listen).is_loopback:
        return bind.wrong(value, f"{access.listen} is reached over a network: it needs a `certificate`")
    return access


def embedded_bmc(bind: Binder, value: Value) -> Any:
    """The EmbeddedBmc that is written there, or WRONG."""
    bmc = bind.struct(value, EmbeddedBmc, "`bmc`")
    if bmc is WRONG or not isinstance(value, Table):
        return WRONG
    clashes = _of_sushy_emulator(bmc, value) if bmc.kind == "sushy-emulator" else _of_ours(bmc)
    for key, cause in clashes:
        bind.wrong(value.values[key], cause)
    return WRONG if clashes else bmc


def _of_ours(bmc: EmbeddedBmc) -> list[tuple[str, str]]:
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


def _of_sushy_emulator(bmc: EmbeddedBmc, value: Table) -> list[tuple[str, str]]:
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
