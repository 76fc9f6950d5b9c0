"""The options of writes: CreateOptions, UpdateOptions and PatchOptions of a query, DeleteOptions of a query or body."""

from typing import Any

from aiohttp import web

from harness.emulated.apiserver.kinds.decoding import UnmarshalTypeError, decoded
from harness.emulated.apiserver.kinds.errors import (
    Json,
    bad_options,
    bad_request,
    cause,
    required,
    unsupported,
)
from harness.emulated.apiserver.kinds.types import TYPES
from harness.emulated.apiserver.objects.writes import Writing
from harness.emulated.apiserver.store.deleting import Deletion
from harness.emulated.apiserver.wire import bodies
from harness.emulated.apiserver.wire.negotiation import PROTOBUF, WARNINGS, YAML, media_type
from harness.emulated.apiserver.wire.protobuf import ProtobufError, decode_unknown

MANAGER_LENGTH_MAX = 128
VALIDATIONS = ["", "Ignore", "Strict", "Warn"]
POLICIES = ("Foreground", "Background", "Orphan")


def writing_of(request: web.Request, kind: str, *, applying: bool = False) -> Writing:
    """The write options of a query; the manager defaults to the first word of the user agent. Raises ApiError 422."""
    query = request.query
    causes = _causes(query, applying=applying, patching=kind == "PatchOptions")
    if causes:
        raise bad_options(kind, *causes)
    agent = request.headers.get("User-Agent", "unknown").split("/")[0][:MANAGER_LENGTH_MAX]
    made = Writing(
        manager=query.get("fieldManager") or agent or "unknown",
        dry_run="dryRun" in query,
        validation=query.get("fieldValidation") or "Warn",
    )
    request[WARNINGS] = made.warnings
    return made


def _causes(query: Any, *, applying: bool, patching: bool) -> list[Json]:
    found = []
    manager = query.get("fieldManager", "")
    if applying and not manager:
        found.append(required("fieldManager", "is required for apply patch"))
    if patching and not applying and "force" in query:
        found.append(cause("FieldValueForbidden", "force", "Forbidden: may not be specified for non-apply patch"))
    if len(manager) > MANAGER_LENGTH_MAX:
        found.append(cause("FieldValueTooLong", "fieldManager", f"Too long: may not be more than {MANAGER_LENGTH_MAX} bytes"))
    found += _dry_causes(query.getall("dryRun", []))
    if query.get("fieldValidation", "") not in VALIDATIONS:
        found.append(unsupported("fieldValidation", query["fieldValidation"], VALIDATIONS))
    return found


def _dry_causes(given: list[str]) -> list[Json]:
    return [unsupported("dryRun", given, ["All"])] if set(given) - {"All"} else []


def deletion_of(request: web.Request, raw: bytes) -> Deletion:
    """DeleteOptions of a body, else of the query; raises ApiError 400 or 422."""
    options = _body(raw, request.headers.get("Content-Type", "")) if raw else _query(request)
    policy = options.get("propagationPolicy")
    causes = _dry_causes(options.get("dryRun") or [])
    if policy is not None and policy not in POLICIES:
        causes.append(unsupported("propagationPolicy", policy, [*POLICIES, "nil"]))
    if causes:
        raise bad_options("DeleteOptions", *causes)
    preconditions = options.get("preconditions") or {}
    uid, version = (preconditions.get(key) or "" for key in ("uid", "resourceVersion"))
    return Deletion(uid, version, policy or "", bool(options.get("dryRun")), options.get("gracePeriodSeconds"))


def _body(raw: bytes, content_type: str) -> Json:
    kind = media_type(content_type).name
    try:
        if kind == PROTOBUF:
            return decode_unknown(raw)
        value = bodies.from_yaml(raw) if kind == YAML else bodies.parse_json(raw)
        schema = TYPES["meta.v1.DeleteOptions"]
        found: Json = decoded(schema, value or {}, "", [])
    except (bodies.InvalidJsonError, ProtobufError) as error:
        raise bad_request(f"couldn't get version/kind; json parse error: {error}") from None
    except UnmarshalTypeError as error:
        raise bad_request(str(error)) from None
    return found


def _query(request: web.Request) -> Json:
    query, found = request.query, Json()
    if "propagationPolicy" in query:
        found["propagationPolicy"] = query["propagationPolicy"]
    if "dryRun" in query:
        found["dryRun"] = query.getall("dryRun")
    seconds = query.get("gracePeriodSeconds", "")
    if seconds:
        if not seconds.lstrip("-").isdigit():
            raise bad_request(f'strconv.ParseInt: parsing "{seconds}": invalid syntax')
        found["gracePeriodSeconds"] = int(seconds)
    return found
