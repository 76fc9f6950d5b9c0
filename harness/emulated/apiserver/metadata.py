"""Object metadata: what the server sets, keeps and refuses."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from harness.emulated.apiserver.errors import ApiError, bad_request, cause, conflict, invalid
from harness.emulated.apiserver.kinds import Json, Resource

NAME = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
NAME_HELP = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
SUFFIX_LENGTH, GENERATED_NAME_MAX = 5, 58


@dataclass
class Naming:
    """Uids and generated names: the same seed, object and count of its lives give the same uid, whatever else goes on."""

    seed: str
    _lives: dict[str, int] = field(default_factory=dict)

    def _digest(self, what: str, size: int) -> bytes:
        self._lives[what] = self._lives.get(what, 0) + 1
        return blake2b(f"{self.seed}/{what}/{self._lives[what]}".encode(), digest_size=size).digest()

    def uid(self, resource: Resource, namespace: str, name: str) -> str:
        """A version 4 UUID."""
        return str(UUID(bytes=self._digest(f"uid/{resource.group}/{resource.plural}/{namespace}/{name}", 16), version=4))

    def name(self, resource: Resource, namespace: str, prefix: str) -> str:
        """The prefix and five characters."""
        digest = self._digest(f"name/{resource.group}/{resource.plural}/{namespace}/{prefix}", SUFFIX_LENGTH)
        return prefix[:GENERATED_NAME_MAX] + "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest)


def now() -> str:
    """This moment as metadata tells it, to the second."""
    return datetime.now(UTC).strftime(TIME_FORMAT)


def check_type(resource: Resource, body: Any) -> Json:
    """The body with apiVersion and kind, which built-in kinds may leave out; raises ApiError 400."""
    if not isinstance(body, dict) or not isinstance(body.setdefault("metadata", {}), dict):
        raise bad_request("the object provided is unrecognized (must be an object with metadata)")
    api_version, kind = (body.get(key) or ("" if resource.custom else own) for key, own in _own_type(resource))
    if not kind:
        raise bad_request(f"the object provided is unrecognized (must be of type {resource.kind}): Object 'Kind' is missing")
    if resource.custom and api_version == resource.api_version and kind != resource.kind:
        wrong = cause("FieldValueInvalid", "kind", f'Invalid value: "{kind}": must be {resource.kind}')
        raise invalid(kind, resource.group, body["metadata"].get("name", ""), [wrong])
    if (api_version, kind) != (resource.api_version, resource.kind):
        sent, wanted = f"{api_version}, Kind={kind}", f"{resource.api_version}, Kind={resource.kind}"
        raise bad_request(f"the object provided ({sent}) does not match the type of the endpoint ({wanted})")
    unify_times(body["metadata"])
    return {"apiVersion": api_version, "kind": kind, **{k: v for k, v in body.items() if k not in {"apiVersion", "kind"}}}


def _own_type(resource: Resource) -> tuple[tuple[str, str], ...]:
    return (("apiVersion", resource.api_version), ("kind", resource.kind))


def unify_times(metadata: Json) -> None:
    """Bring times that clients wrote in another form of RFC 3339 into ours, as decoding into Go types does."""
    for holder, key in ((metadata, "creationTimestamp"), (metadata, "deletionTimestamp")):
        _unify(holder, key)
    for entry in metadata.get("managedFields") or ():
        _unify(entry, "time")


def _unify(holder: Json, key: str) -> None:
    text = holder.get(key)
    if not text or (isinstance(text, str) and text.endswith("Z")):
        return
    try:
        holder[key] = datetime.fromisoformat(text).astimezone(UTC).strftime(TIME_FORMAT)
    except (TypeError, ValueError) as error:
        raise bad_request(f"metadata: {key}: parsing time {text!r}: {error}") from error


def place(resource: Resource, metadata: Json, namespace: str) -> None:
    """Put the object into the namespace of the request; raises ApiError 400 when it says another."""
    if not resource.namespaced:
        metadata.pop("namespace", None)
    elif metadata.setdefault("namespace", namespace) != namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")


def begin_life(resource: Resource, metadata: Json, naming: Naming) -> None:
    """Give a new object its name, uid and times; raises ApiError 400 or 422."""
    if metadata.get("resourceVersion"):
        raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
    namespace = metadata.get("namespace", "")
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = naming.name(resource, namespace, metadata["generateName"])
    check_metadata(resource, metadata)
    for key in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"):
        metadata.pop(key, None)
    metadata["uid"] = naming.uid(resource, namespace, metadata["name"])
    metadata["creationTimestamp"] = now()
    if resource.generation:
        metadata["generation"] = 1


def check_metadata(resource: Resource, metadata: Json) -> None:
    """Names, and that maps of strings are such; raises ApiError 422."""
    name = metadata.get("name") or ""
    causes = []
    if not name:
        causes.append(cause("FieldValueRequired", "metadata.name", "Required value: name or generateName is required"))
    elif not NAME.match(name) or len(name) > 253:
        causes.append(cause("FieldValueInvalid", "metadata.name", f'Invalid value: "{name}": {NAME_HELP}'))
    for key in ("labels", "annotations"):
        values = metadata.get(key)
        if values is not None and not (isinstance(values, dict) and all(isinstance(value, str) for value in values.values())):
            raise bad_request(f"metadata.{key} must be a map of strings to strings")
    if causes:
        raise invalid(resource.kind, resource.group, name, causes)


IMMUTABLE = ("uid", "deletionTimestamp", "deletionGracePeriodSeconds")
TIMES = ("creationTimestamp", "deletionTimestamp")
"""Other times than those that stand are ignored; without that no second `clusterctl move` could ever put an object again."""


def carry_over(resource: Resource, live: Json, metadata: Json, *, patched: bool) -> None:
    """Bring the metadata of an update to the live object's; raises ApiError 409 or 422."""
    name = live["name"]
    if metadata.get("name") != name:
        raise bad_request(f"the name of the object ({metadata.get('name')}) does not match the name on the URL ({name})")
    _check_version(resource, live, metadata, need_version=resource.custom and not patched)
    uid = metadata.get("uid") or live["uid"]
    if uid != live["uid"] and not patched:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {live['uid']}"
        raise conflict(resource.plural, resource.group, name, why)
    _keep(metadata, live, ("generation", "resourceVersion"))
    _keep(metadata, live, TIMES if "deletionTimestamp" in live else TIMES[:1])
    causes = [_immutable(key, metadata[key]) for key in IMMUTABLE if metadata.get(key) not in (None, live.get(key))]
    _keep(metadata, live, IMMUTABLE)
    causes += _new_finalizers(live, metadata)
    if causes:
        raise invalid(resource.kind, resource.group, name, causes)
    check_metadata(resource, metadata)


def _check_version(resource: Resource, live: Json, metadata: Json, *, need_version: bool) -> None:
    version = metadata.get("resourceVersion")
    if version and version != live["resourceVersion"]:
        raise conflict(resource.plural, resource.group, live["name"])
    if need_version and not version:
        wrong = cause("FieldValueInvalid", "metadata.resourceVersion", "Invalid value: 0: must be specified for an update")
        raise invalid(resource.plural, resource.group, live["name"], [wrong])


def _keep(metadata: Json, live: Json, keys: tuple[str, ...]) -> None:
    for key in keys:
        metadata.pop(key, None)
        if key in live:
            metadata[key] = live[key]


def _immutable(key: str, value: Any) -> Json:
    return cause("FieldValueInvalid", f"metadata.{key}", f'Invalid value: "{value}": field is immutable')


def _new_finalizers(live: Json, metadata: Json) -> list[Json]:
    if "deletionTimestamp" not in live:
        return []
    new = [name for name in metadata.get("finalizers") or () if name not in (live.get("finalizers") or ())]
    why = f"Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{{{_quoted(new)}}}"
    return [cause("FieldValueForbidden", "metadata.finalizers", why)] if new else []


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def tidy(metadata: Json) -> None:
    """Leave out empty maps and lists, as encoded Go objects do."""
    for key in ("labels", "annotations", "finalizers", "ownerReferences", "managedFields", "generateName"):
        if key in metadata and not metadata[key]:
            del metadata[key]
