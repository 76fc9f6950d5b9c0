"""Object metadata: what the server sets, keeps and refuses."""

from dataclasses import dataclass, field
from hashlib import blake2b
from uuid import UUID

from harness.emulated.apiserver.kinds.errors import (
    ApiError,
    Json,
    bad_request,
    cause,
    conflict,
    invalid,
    invalid_value,
    required,
)
from harness.emulated.apiserver.kinds.naming_rules import metadata_causes, name_problems, path_segment_problems
from harness.emulated.apiserver.kinds.registry import DEFINITIONS, EVENTS, ServedResource

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

    def uid(self, resource: ServedResource, namespace: str, name: str) -> str:
        """A version 4 UUID."""
        return str(UUID(bytes=self._digest(f"uid/{resource.group}/{resource.plural}/{namespace}/{name}", 16), version=4))

    def name(self, resource: ServedResource, namespace: str, prefix: str) -> str:
        """The prefix and five characters."""
        digest = self._digest(f"name/{resource.group}/{resource.plural}/{namespace}/{prefix}", SUFFIX_LENGTH)
        return prefix[:GENERATED_NAME_MAX] + "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest)


def set_namespace(resource: ServedResource, metadata: Json, namespace: str) -> None:
    """Put the object into the namespace of the request; raises ApiError 400 when it says another."""
    if not resource.namespaced:
        metadata.pop("namespace", None)
    elif metadata.setdefault("namespace", namespace) != namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")


def begin_life(resource: ServedResource, metadata: Json, naming: Naming, now: str) -> None:
    """Give a new object its name and uid, and its beginning, `now`; what cannot be set by clients is dropped."""
    namespace = metadata.get("namespace", "")
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = naming.name(resource, namespace, metadata["generateName"])
    for key in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
        metadata.pop(key, None)
    metadata["uid"] = naming.uid(resource, namespace, metadata.get("name", ""))
    metadata["creationTimestamp"] = now
    if resource.generation:
        metadata["generation"] = 1


def causes_of(resource: ServedResource, metadata: Json) -> list[Json]:
    """What is wrong with the metadata of an object."""
    name, prefix = metadata.get("name") or "", metadata.get("generateName") or ""
    found = []
    for key, value in (("generateName", prefix), ("name", name)):
        if value and resource.table == EVENTS.table:
            found += [invalid_value(f"metadata.{key}", value, each) for each in path_segment_problems(value)]
        elif value:
            shape = f"{value.rstrip('-')}a" if key == "generateName" and value.endswith("-") else value
            found += [invalid_value(f"metadata.{key}", value, each) for each in name_problems(resource.kind, shape)]
    if not name:
        found.append(required("metadata.name", "name or generateName is required"))
    return [*found, *metadata_causes(metadata, builtin=not (resource.custom or resource is DEFINITIONS))]


IMMUTABLE = ("uid", "deletionTimestamp", "deletionGracePeriodSeconds")
TIMES = ("creationTimestamp", "deletionTimestamp")
"""Server-set times: other values in an update are ignored, without which a second `clusterctl move` could not update objects."""


def carry_over(resource: ServedResource, live: Json, metadata: Json, *, patched: bool) -> list[Json]:
    """Bring the metadata of an update to the live object's: what is wrong with it. Raises ApiError 400, 409 or 422."""
    name, given = live["name"], metadata.get("name") or ""
    if not given:
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")
    if given != name:
        raise bad_request(f"the name of the object ({given}) does not match the name on the URL ({name})")
    uid = metadata.get("uid") or live["uid"]
    if uid != live["uid"] and not patched:
        key = "/".join(
            each for each in (resource.group if resource.custom else "", resource.plural, live.get("namespace", ""), name) if each
        )
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {live['uid']}"
        storage = f"StorageError: invalid object, Code: 4, Key: /registry/{key}, ResourceVersion: 0, AdditionalErrorMsg: {why}"
        raise conflict(resource.plural, resource.group, name, storage)
    _check_version(resource, live, metadata)
    metadata.pop("selfLink", None)
    _keep(metadata, live, ("generation", "resourceVersion"))
    _keep(metadata, live, TIMES if "deletionTimestamp" in live else TIMES[:1])
    causes = [_immutable(key, metadata[key]) for key in IMMUTABLE if metadata.get(key) not in (None, live.get(key))]
    _keep(metadata, live, IMMUTABLE)
    return causes + _new_finalizers(live, metadata)


def _check_version(resource: ServedResource, live: Json, metadata: Json) -> None:
    version = metadata.get("resourceVersion")
    if version and not version.isdigit():
        raise ApiError(500, "", f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version and int(version) and version != live["resourceVersion"]:
        raise conflict(resource.plural, resource.group, live["name"])
    if not resource.unconditional and not int(version or 0):
        wrong = cause("FieldValueInvalid", "metadata.resourceVersion", "Invalid value: 0: must be specified for an update")
        raise invalid(resource.plural, resource.group, live["name"], [wrong])


def _keep(metadata: Json, live: Json, keys: tuple[str, ...]) -> None:
    for key in keys:
        metadata.pop(key, None)
        if key in live:
            metadata[key] = live[key]


def _immutable(key: str, value: object) -> Json:
    return invalid_value(f"metadata.{key}", value, "field is immutable")


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
