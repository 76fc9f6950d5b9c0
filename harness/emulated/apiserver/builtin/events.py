"""Validation of Events, of the core group and of events.k8s.io."""

from collections.abc import Iterator

from harness.emulated.apiserver.kinds.conversion import convert
from harness.emulated.apiserver.kinds.errors import Json, invalid_value, required
from harness.emulated.apiserver.kinds.naming_rules import qualified_problems

LONGEST = (("reportingInstance", 128), ("action", 128), ("reason", 128), ("message", 1024))


def event_causes(body: Json, live: Json | None) -> list[Json]:
    """What is wrong with an Event; causes name the fields of the core group."""
    strict, core = body["apiVersion"] != "v1", convert(body, "v1")
    found = list(_place_causes(core))
    if core.get("eventTime"):
        found += _timed_causes(core, "reportingController" if strict else "reportingComponent")
    elif strict and live is None:
        found.append(required("eventTime"))
    return found


def _place_causes(core: Json) -> Iterator[Json]:
    place, namespace = (core.get("involvedObject") or {}).get("namespace", ""), core["metadata"].get("namespace", "")
    timed = bool(core.get("eventTime"))
    free = ("default", "kube-system") if timed else ("", "default")
    if (not place and namespace not in free) or (place and place != namespace and not timed):
        yield invalid_value("involvedObject.namespace", place, "does not match event.namespace")


def _timed_causes(core: Json, reporter: str) -> Iterator[Json]:
    name = core.get("reportingComponent") or ""
    if not name:
        yield required(reporter)
    yield from (invalid_value(reporter, name, why) for why in qualified_problems(name))
    for key, longest in LONGEST:
        value = core.get(key) or ""
        if not value and key != "message":
            yield required(key)
        if len(value) > longest:
            yield invalid_value(key, "", f"can have at most {longest} characters")
