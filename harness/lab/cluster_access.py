"""How a lab file names a cluster, by a kubeconfig that is there or by one that appears later; how it names its audit log, and its BMCs.

The log is the path of a file, or a table with the address to which an API server posts it.
"""

import ipaddress
from typing import Any

import msgspec

from harness.files.binding import WRONG, Binder, fields_of
from harness.files.problems import quote
from harness.files.yaml_tree import Scalar, Table, Value
from harness.lab.applied import AwaitedFile, ExistingFile
from harness.lab.model import AuditAccess, ClusterAccess, Lab


def cluster_access(bind: Binder, value: Value) -> Any:
    """The access, or WRONG after the problem was added; only of a cluster that appears later the kubeconfig may be absent."""
    flag = value.values.get("appears") if isinstance(value, Table) else None
    if not (isinstance(value, Table) and isinstance(flag, Scalar) and flag.text == "true"):
        return bind.struct(value, ClusterAccess)
    kinds = {"kubeconfig": AwaitedFile}
    fields = [msgspec.structs.replace(it, kind=kinds.get(it.name, it.kind)) for it in fields_of(ClusterAccess)]
    bound = bind.table(value, fields, "`cluster`")
    return WRONG if bound is WRONG else ClusterAccess(**bound)


def check_clusters(bind: Binder, tree: Table, made: Lab) -> None:
    """Report a source that appears later: the kubeconfig of what appears comes from there."""
    if made.clusters.source.appears:
        bind.problems.add(tree.values["clusters"].place, "the source cannot appear later: what appears is provisioned from there")


def check_addresses(bind: Binder, tree: Table, made: Lab) -> None:
    """Report hosts that share a BMC: actions on one server would be attributed to both."""
    hosts, first = tree.values.get("hosts"), dict[str, str]()
    for name, access in made.hosts.items():
        other = first.setdefault(access.bmc.rstrip("/"), name)
        entry = hosts.values[name] if isinstance(hosts, Table) else tree
        if other != name and isinstance(entry, Table):
            cause = f"this is the BMC of {quote(other)} too; each host has one of its own"
            bind.problems.add(entry.values["bmc"].place, cause)


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
