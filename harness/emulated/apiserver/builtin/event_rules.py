"""What is refused in Events: a little in those of the core group, more in those of events.k8s.io."""

from collections.abc import Iterator

from harness.emulated.apiserver.kinds.conversion import convert
from harness.emulated.apiserver.kinds.errors import Json, invalid_value, required
from harness.emulated.apiserver.kinds.naming_rules import qualified_problems

LONGEST = (("reportingInstance", 128), ("action", 128), ("reason", 128), ("message", 1024))
_UNSET: tuple[tuple[str, object], ...] = (("firstTimestamp", None), ("lastTimestamp", None), ("count", 0), ("source", {}))
_FIXED = (
    *("involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "reason", "type", "eventTime"),
    *("action", "related", "reportingComponent", "reportingInstance"),
)


def event_causes(body: Json, live: Json | None) -> list[Json]:
    """What is wrong with an Event, new or changed; causes name the fields of the core group."""
    strict = body["apiVersion"] != "v1"
    core, before = convert(body, "v1"), convert(live, "v1") if live else None
    found = list(_common(core, "reportingController" if strict else "reportingComponent"))
    if strict and before is None:
        found += _series(core)
        found += _fresh(core)
    elif strict and before is not None:
        found += _series(core) if core.get("series") != before.get("series") else ()
        found += _changes(core, before)
    return found


def _common(core: Json, reporter: str) -> Iterator[Json]:
    place, namespace = (core.get("involvedObject") or {}).get("namespace", ""), core["metadata"].get("namespace", "")
    timed = bool(core.get("eventTime"))
    free = ("default", "kube-system") if timed else ("", "default")
    if (not place and namespace not in free) or (place and place != namespace and not timed):
        yield invalid_value("involvedObject.namespace", place, "does not match event.namespace")
    if timed:
        yield from _timed(core, reporter)


def _timed(core: Json, reporter: str) -> Iterator[Json]:
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


def _series(core: Json) -> Iterator[Json]:
    series = core.get("series")
    if series and series.get("count", 0) < 2:
        yield invalid_value("series.count", "", "should be at least 2")
    if series and not series.get("lastObservedTime"):
        yield required("series.lastObservedTime")


def _fresh(core: Json) -> Iterator[Json]:
    if not core.get("eventTime"):
        yield required("eventTime")
    kind = core.get("type") or ""
    if kind not in {"Normal", "Warning"}:
        yield invalid_value("type", "", f"has invalid value: {kind}")
    for key, nothing in _UNSET:
        if core.get(key) not in (None, nothing):
            yield invalid_value(key, "", "needs to be unset")


def _changes(core: Json, before: Json) -> Iterator[Json]:
    for key in _FIXED:
        if core.get(key) != before.get(key):
            yield invalid_value(key.replace("Component", "Controller"), core.get(key), "field is immutable")
