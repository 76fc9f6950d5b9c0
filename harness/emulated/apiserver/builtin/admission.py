"""Defaults and validation of the built-in kinds that pivots, managers and users of a lab write.

Objects of all other kinds are stored as they are sent; only their names and metadata are checked.
"""

from collections.abc import Callable

from harness.emulated.apiserver.builtin import cluster, configuration, deployments, pods
from harness.emulated.apiserver.builtin.events import event_causes
from harness.emulated.apiserver.builtin.field_rules import field_causes
from harness.emulated.apiserver.custom import definitions
from harness.emulated.apiserver.kinds.errors import Json
from harness.emulated.apiserver.kinds.registry import ServedResource

Settle = Callable[[Json, Json | None], list[Json]]
_APART = frozenset({"apiVersion", "kind", "metadata", "status"})


def settle(resource: ServedResource, body: Json, live: Json | None) -> list[Json]:
    """Fill in the defaults of an object and return what is wrong with it; `live` is None for a new one."""
    if fill := _FILLED.get(resource.kind):
        fill(body)
    named = {name: value for name, value in body.items() if name not in _APART}
    found = list(field_causes(_FIELD_RULES, resource.schema, named, ""))
    if resource.kind == "Deployment":
        return deployments.causes(body, live, found)
    if resource.kind == "Pod":
        return found or list(pods.change_causes(body, live))
    rule = _RULES.get(resource.kind)
    own = rule(body, live) if rule else []
    return [*own, *(each for each in found if each not in own)]


def begin(resource: ServedResource, body: Json) -> None:
    """Add to a new object what the server itself sets; no field manager owns it."""
    if begun := _BEGUN.get(resource.kind):
        begun(body)


_FIELD_RULES = pods.RULES | deployments.RULES | cluster.RULES
_FILLED: dict[str, Callable[[Json], None]] = {"Deployment": deployments.fill, "Pod": pods.fill_pod}
_BEGUN: dict[str, Callable[[Json], None]] = {
    "Namespace": cluster.begin_namespace,
    "CustomResourceDefinition": definitions.begin,
    "Deployment": deployments.begin,
    "Pod": pods.begin,
    "Node": cluster.begin_node,
}
_RULES: dict[str, Settle] = {
    "Namespace": cluster.namespace_causes,
    "Node": cluster.node_causes,
    "Secret": configuration.secret_causes,
    "ConfigMap": configuration.config_map_causes,
    "Event": event_causes,
    "ValidatingWebhookConfiguration": cluster.webhooks,
    "MutatingWebhookConfiguration": cluster.webhooks,
    "CustomResourceDefinition": definitions.settle,
}
