"""What is refused in the fields of the kinds that tell who may reach whom: policies, ingresses, endpoints."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.builtin.field_rules import PORT, Around, Rules, anything, between, needed, one_of, shaped
from harness.emulated.apiserver.kinds.errors import Json, invalid_value, required, unsupported
from harness.emulated.apiserver.kinds.formats import is_cidr
from harness.emulated.apiserver.kinds.naming_rules import port_name_problems, subdomain_problems

ADDRESS_SAYS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
CIDR_SAYS = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def is_address(text: str) -> bool:
    """Whether it is an address of IPv4 or IPv6."""
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _cidr(text: Any, path: str, _: Around) -> Iterator[Json]:
    if not text:
        yield required(path)
    elif not is_cidr(text):
        yield invalid_value(path, text, CIDR_SAYS)


def address(text: Any, path: str, _: Around) -> Iterator[Json]:
    """It must be an address."""
    if not is_address(text or ""):
        yield invalid_value(path, text or "", ADDRESS_SAYS)


def _peer(_: Any, path: str, around: Around) -> Iterator[Json]:
    if not around[-1].keys() & {"ipBlock", "podSelector", "namespaceSelector"}:
        yield required(path.rpartition(".")[0], "must specify a peer")


def _backend(_: Any, path: str, around: Around) -> Iterator[Json]:
    where, backend = path.rpartition(".")[0], around[-1]
    port = (backend.get("service") or {}).get("port") or {}
    if not backend.keys() & {"service", "resource"}:
        yield invalid_value(where, "", "resource or service backend is required")
    elif backend.keys() >= {"service", "resource"}:
        yield invalid_value(where, "", "cannot set both resource and service backends")
    elif port.get("number") and port.get("name"):
        yield invalid_value(where, "", "cannot set both port name & port number")
    elif "service" in backend and not port.get("number") and not port.get("name"):
        yield invalid_value(where, "", "port name or number is required")


def _policy_types(kinds: Any, path: str, _: Around) -> Iterator[Json]:
    known = ["Ingress", "Egress"]
    yield from (unsupported(f"{path}[{at}]", each, known) for at, each in enumerate(kinds or ()) if each not in known)


def _ingress_rules(rules: Any, path: str, around: Around) -> Iterator[Json]:
    if not rules and not around[-1].get("defaultBackend"):
        why = "either `defaultBackend` or `rules` must be specified"
        yield invalid_value(path.rpartition(".")[0], None, why)


def _host(host: Any, path: str, _: Around) -> Iterator[Json]:
    if host and is_address(host):
        yield invalid_value(path, host, "must be a DNS name, not an IP address")
    if host and not host.startswith("*."):
        yield from (invalid_value(path, host, why) for why in subdomain_problems(host))


def _path_type(kind: Any, path: str, around: Around) -> Iterator[Json]:
    known = ["Exact", "ImplementationSpecific", "Prefix"]
    if not kind:
        yield required(path, "pathType must be specified")
    elif kind not in known:
        yield unsupported(path, kind, known)
    elif kind != "ImplementationSpecific" and not (around[-1].get("path") or "").startswith("/"):
        yield invalid_value(path.replace("pathType", "path"), around[-1].get("path") or "", "must be an absolute path")


RULES: Rules = {
    "networking.v1.IPBlock": {"cidr": _cidr},
    "networking.v1.NetworkPolicyPort": {
        "protocol": one_of("TCP", "UDP", "SCTP"),
        "port": lambda value, path, around: (
            PORT(value, path, around) if isinstance(value, int) else shaped(port_name_problems)(value, path, around)
        ),
    },
    "networking.v1.NetworkPolicyPeer": {"ipBlock": _peer},
    "networking.v1.NetworkPolicyEgressRule": {"ports": anything, "to": anything},
    "networking.v1.NetworkPolicyIngressRule": {"ports": anything, "from": anything},
    "networking.v1.NetworkPolicySpec": {"ingress": anything, "egress": anything, "policyTypes": _policy_types},
    "networking.v1.IngressSpec": {"rules": _ingress_rules},
    "networking.v1.IngressRule": {"host": _host},
    "networking.v1.HTTPIngressPath": {"pathType": _path_type},
    "networking.v1.IngressBackend": {"service": _backend},
    "networking.v1.IngressServiceBackend": {"name": needed},
    "networking.v1.HTTPIngressRuleValue": {"paths": needed},
    "networking.v1.IngressClassSpec": {"controller": needed},
    "core.v1.EndpointAddress": {"ip": address},
    "core.v1.EndpointPort": {"port": between(1, 65535), "protocol": one_of("SCTP", "TCP", "UDP")},
}
"""By struct and field, in upstream's order."""
