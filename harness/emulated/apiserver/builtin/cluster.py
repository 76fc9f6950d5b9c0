"""Defaults and validation of Namespaces, Nodes, Leases and webhook configurations."""

from collections.abc import Iterator

from harness.emulated.apiserver.builtin.field_rules import Rules, at_least
from harness.emulated.apiserver.kinds.errors import Json, forbidden_cause, invalid_value

_WEBHOOK = {"failurePolicy": "Fail", "matchPolicy": "Equivalent", "timeoutSeconds": 10}
RULES: Rules = {"coordination.v1.LeaseSpec": {"leaseDurationSeconds": at_least(1), "leaseTransitions": at_least(0)}}


def begin_namespace(body: Json) -> None:
    """Give a new namespace its finalizer, which the server removes once the namespace is empty."""
    body["spec"]["finalizers"] = [*dict.fromkeys([*(body["spec"].get("finalizers") or ()), "kubernetes"])]
    body["status"] = {"phase": "Active"}


def namespace_causes(body: Json, live: Json | None) -> list[Json]:
    """Set the name label of a Namespace and keep its spec and phase, which only the server changes."""
    labels = body["metadata"].get("labels") or {}
    body["metadata"]["labels"] = labels | {"kubernetes.io/metadata.name": body["metadata"].get("name", "")}
    if live is not None:
        body["spec"], body["status"]["phase"] = live["spec"], live["status"].get("phase", "Active")
    return []


def begin_node(body: Json) -> None:
    """Taint a new Node as not ready, as admission does."""
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    body["spec"]["taints"] = [*(each for each in body["spec"].get("taints") or () if each["key"] != taint["key"]), taint]


def node_causes(body: Json, live: Json | None) -> list[Json]:
    """Fill in the defaults of a Node and return which fixed fields changed."""
    body["status"].setdefault("daemonEndpoints", {"kubeletEndpoint": {"Port": 0}})
    if capacity := body["status"].get("capacity"):
        body["status"].setdefault("allocatable", dict(capacity))
    if address := body["spec"].get("podCIDR"):
        body["spec"].setdefault("podCIDRs", [address])
    return list(_fixed_causes(body["spec"], live["spec"])) if live else []


def _fixed_causes(spec: Json, live: Json) -> Iterator[Json]:
    for key, where in (("podCIDR", "spec.podCIDRs"), ("providerID", "spec.providerID")):
        if live.get(key) and spec.get(key) != live[key]:
            yield forbidden_cause(where, f'node updates may not change {key} except from "" to valid')


def webhooks(body: Json, _: Json | None) -> list[Json]:
    """Fill in the defaults of a webhook configuration and return what is wrong with it."""
    found = []
    for at, hook in enumerate(body.get("webhooks") or ()):
        hook |= {key: hook.get(key, value) for key, value in _WEBHOOK.items()}
        hook |= {key: hook.get(key, {}) for key in ("namespaceSelector", "objectSelector")}
        for rule in hook.get("rules") or ():
            rule.setdefault("scope", "*")
        if (hook.get("name") or "").count(".") < 2:
            why = "should be a domain with at least three segments separated by dots"
            found.append(invalid_value(f"webhooks[{at}].name", hook.get("name") or "", why))
    return found
