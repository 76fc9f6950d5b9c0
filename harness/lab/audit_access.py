"""How a lab file names an audit log: the path of the file, or a table with the address to which an API server posts it."""

import ipaddress
from typing import Any

from harness.files.binding import WRONG, Binder
from harness.files.yaml_tree import Scalar, Value
from harness.lab.model import AuditAccess, ExistingFile


def audit_access(bind: Binder, value: Value) -> Any:
    """The access, or WRONG after the problem was added."""
    if isinstance(value, Scalar) and not value.is_null:
        path = bind.value(value, ExistingFile)
        return WRONG if path is WRONG else AuditAccess(file=path)
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
