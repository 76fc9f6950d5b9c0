"""The rules for names, labels, annotations, finalizers and owners, with the words in which upstream tells them."""

import re
from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.kinds.errors import Json, cause, invalid_value

LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
SERVICE_NAME = "[a-z]([-a-z0-9]*[a-z0-9])?"
QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
VALUE = f"({QUALIFIED})?"
SUBDOMAIN_MAX, LABEL_MAX, ANNOTATIONS_MAX = 253, 63, 262_144
STANDARD_FINALIZERS = frozenset({"kubernetes", "orphan", "foregroundDeletion"})
OWNER_FIELDS = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
_SUBDOMAIN_SAYS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    f"alphanumeric character (e.g. 'example.com', regex used for validation is '{SUBDOMAIN}')"
)
_LABEL_SAYS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
    f"alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{LABEL}')"
)
_SERVICE_SAYS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an "
    f"alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '{SERVICE_NAME}')"
)
_QUALIFIED_SAYS = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{QUALIFIED}')"
)
_VALUE_SAYS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    f"alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '{VALUE}')"
)
_DNS_LABELS = frozenset({"Namespace", "Service"})
_PATH_SEGMENTS = frozenset({"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"})


def name_problems(kind: str, name: str) -> list[str]:
    """Why a name cannot be that of an object of this kind; Events of the core group are checked as paths by their own rule."""
    if kind in _PATH_SEGMENTS:
        return path_segment_problems(name)
    if kind in _DNS_LABELS:
        return _dotless_problems(name)
    return subdomain_problems(name)


def subdomain_problems(name: str) -> list[str]:
    """Why it is no RFC 1123 subdomain."""
    return _shaped(name, SUBDOMAIN, _SUBDOMAIN_SAYS, SUBDOMAIN_MAX)


def service_name_problems(name: str) -> list[str]:
    """Why it is no RFC 1035 label."""
    return _shaped(name, SERVICE_NAME, _SERVICE_SAYS, LABEL_MAX)


def _dotless_problems(name: str) -> list[str]:
    if "." in name and re.fullmatch(SUBDOMAIN, name):
        return ["must not contain dots"]
    found = [f"must be no more than {LABEL_MAX} characters"] if len(name) > LABEL_MAX else []
    return found if re.fullmatch(LABEL, name) else [*found, _LABEL_SAYS]


def label_name_problems(name: str) -> list[str]:
    """Why it is no RFC 1123 label."""
    return _shaped(name, LABEL, _LABEL_SAYS, LABEL_MAX)


def path_segment_problems(name: str) -> list[str]:
    """Why it cannot be a part of a path."""
    if name in {".", ".."}:
        return [f"may not be '{name}'"]
    return [f"may not contain '{each}'" for each in ("/", "%") if each in name]


def _shaped(name: str, pattern: str, says: str, longest: int) -> list[str]:
    of = "characters" if longest == SUBDOMAIN_MAX else "bytes"
    found = [f"must be no more than {longest} {of}"] if len(name) > longest else []
    return found if re.fullmatch(pattern, name) else [*found, says]


def qualified_problems(name: str) -> list[str]:
    """Why it is no qualified name, such as the key of a label: `prefix/name`."""
    prefix, slash, rest = name.rpartition("/")
    if name.count("/") > 1:
        shape = f"a valid label key {_QUALIFIED_SAYS.removeprefix('name part ')}"
        return [f"{shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    found = []
    if slash and not prefix:
        found.append("prefix part must be non-empty")
    elif prefix:
        found += [f"prefix part {each}" for each in subdomain_problems(prefix)]
    if not rest:
        found.append("name part must be non-empty")
    elif len(rest) > LABEL_MAX:
        found.append(f"name part must be no more than {LABEL_MAX} bytes")
    return found if re.fullmatch(QUALIFIED, rest) else [*found, _QUALIFIED_SAYS]


def value_problems(value: str) -> list[str]:
    """Why it cannot be the value of a label."""
    return _shaped(value, VALUE, _VALUE_SAYS, LABEL_MAX)


def label_causes(labels: dict[str, str], field: str) -> Iterator[Json]:
    """The causes for bad labels."""
    for key, value in sorted(labels.items()):
        yield from (invalid_value(field, key, each) for each in qualified_problems(key))
        yield from (invalid_value(field, value, each) for each in value_problems(value))


def metadata_causes(metadata: Json, *, builtin: bool) -> Iterator[Json]:
    """The causes for bad labels, annotations, owners and finalizers."""
    yield from label_causes(metadata.get("labels") or {}, "metadata.labels")
    annotations = metadata.get("annotations") or {}
    for key in sorted(annotations):
        yield from (invalid_value("metadata.annotations", key, each) for each in qualified_problems(key.lower()))
    if sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items()) > ANNOTATIONS_MAX:
        yield cause("FieldValueTooLong", "metadata.annotations", f"Too long: may not be more than {ANNOTATIONS_MAX} bytes")
    yield from _owner_causes(metadata.get("ownerReferences") or [])
    finalizers = metadata.get("finalizers") or []
    for name in finalizers:
        yield from (invalid_value("metadata.finalizers", name, each) for each in qualified_problems(name))
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        yield invalid_value("metadata.finalizers", finalizers, "finalizer orphan and foregroundDeletion cannot be both set")
    for index, name in enumerate(finalizers if builtin else ()):
        if "/" not in name and name not in STANDARD_FINALIZERS:
            why = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid_value(f"metadata.finalizers[{index}]", name, why)


def _owner_causes(owners: list[Json]) -> Iterator[Json]:
    field = "metadata.ownerReferences"
    for owner in owners:
        api_version, kind = owner.get("apiVersion", ""), owner.get("kind", "")
        if not api_version.rpartition("/")[2]:
            yield invalid_value(f"{field}.apiVersion", api_version, "version must not be empty")
        for key in ("kind", "name", "uid"):
            if not owner.get(key):
                yield invalid_value(f"{field}.{key}", "", "must not be empty")
        if (api_version, kind) in {("v1", "Event"), ("events.k8s.io/v1", "Event")}:
            group, _, version = api_version.rpartition("/")
            yield invalid_value(field, _owner(owner), f"{group}/{version}, Kind={kind} is disallowed from being an owner")
    controllers = [f"{owner.get('kind')}/{owner.get('name')}" for owner in owners if owner.get("controller")]
    if len(controllers) > 1:
        said = f'Found "true" in references for {controllers[0]} and {controllers[1]}'
        why = f"Only one reference can have Controller set to true. {said}"
        yield invalid_value(field, [_owner(each) for each in owners], why)


def _owner(owner: Json) -> Any:
    """An owner as error texts show it: fields in the order of their type."""
    return {key: owner[key] for key in OWNER_FIELDS if key in owner}
