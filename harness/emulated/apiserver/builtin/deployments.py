"""Defaults and validation of Deployments and of their Pod templates."""

from collections.abc import Iterator

from harness.emulated.apiserver.builtin import pods
from harness.emulated.apiserver.builtin.field_rules import Rules, at_least
from harness.emulated.apiserver.kinds.errors import Json, forbidden_cause, invalid_value, required, unsupported
from harness.emulated.apiserver.kinds.naming_rules import label_causes

_ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"}
_COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
RULES: Rules = {
    "apps.v1.DeploymentSpec": {
        name: at_least(0) for name in ("replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")
    },
}


def fill(body: Json) -> None:
    """Fill in the defaults of a Deployment."""
    spec = body["spec"]
    for key, value in (("replicas", 1), ("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600)):
        spec.setdefault(key, value)
    strategy = spec["strategy"]
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        strategy["rollingUpdate"] = _ROLLING | (strategy.get("rollingUpdate") or {})
    pods.fill(spec["template"]["spec"])


def begin(body: Json) -> None:
    """Clear the status of a new Deployment: clients cannot set it."""
    body["status"] = {}


def causes(body: Json, live: Json | None, found: list[Json]) -> list[Json]:
    """All that is wrong with a Deployment; `found` is what the field rules have found already."""
    spec, template = body["spec"], body["spec"]["template"]
    before = [each for each in found if each["field"] == "spec.replicas"]
    own = [*before, *_selector_causes(spec), *(each for each in found if each not in before)]
    own += label_causes(template["metadata"].get("labels") or {}, "spec.template.labels")
    if template["spec"]["restartPolicy"] != "Always":
        own.append(unsupported("spec.template.spec.restartPolicy", template["spec"]["restartPolicy"], ["Always"]))
    own += _strategy_causes(spec["strategy"])
    if live:
        own += _count_causes(body.get("status") or {})
        if spec.get("selector") != live["spec"].get("selector"):
            own.append(invalid_value("spec.selector", spec.get("selector"), "field is immutable"))
    return own


def _selector_causes(spec: Json) -> Iterator[Json]:
    selector, labels = spec.get("selector"), spec["template"]["metadata"].get("labels")
    if selector is None:
        yield required("spec.selector")
    elif not selector:
        yield invalid_value("spec.selector", {}, "empty selector is invalid for deployment")
        return
    wanted = (selector or {}).get("matchLabels") or {}
    if selector is None or any((labels or {}).get(key) != value for key, value in wanted.items()):
        yield invalid_value("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")


def _strategy_causes(strategy: Json) -> Iterator[Json]:
    rolling, known = strategy.get("rollingUpdate"), ["Recreate", "RollingUpdate"]
    if strategy["type"] == "Recreate" and rolling:
        yield forbidden_cause("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
    elif strategy["type"] not in known:
        yield unsupported("spec.strategy", {"Type": strategy["type"], "RollingUpdate": rolling}, known)


def _count_causes(status: Json) -> Iterator[Json]:
    """Negative counts."""
    for key in ("observedGeneration", *_COUNTS):
        if status.get(key, 0) < 0:
            yield invalid_value(f"status.{key}", status[key], "must be greater than or equal to 0")
