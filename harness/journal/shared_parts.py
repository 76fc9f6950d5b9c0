"""Facts whose equal parts are held once: most of what a version of an object says, its last version and its copy elsewhere say too.

What tells of an object is decoded member by member. A text that stood in the journal a short while ago gives the value that it gave
then, so a world of many versions takes half of the memory, and equal parts are found equal at first sight.
"""

from typing import Any, cast

import msgspec

from harness.journal.facts import AnyFact, Body, Change, ClusterName, FieldManager, ObjectSeen

PARTS_MAX = 30_000
"""So many texts are known at a time, and as many that were not met since: more would take more than they spare."""
HEAD_BYTES = 120
MARK = b',"fact":"ObjectSeen",'
Texts = dict[str, msgspec.Raw]


class _ObjectInTexts(ObjectSeen, frozen=True, kw_only=True, tag="ObjectSeen"):
    """The fact with the members of its body, or of its patch, as they stand in the line."""

    object: Texts | None = None
    patch: Texts | None = None
    managers: msgspec.Raw = msgspec.Raw(b"[]")  # type: ignore[assignment]


_decode_fact = msgspec.json.Decoder(AnyFact).decode
_decode_object = msgspec.json.Decoder(_ObjectInTexts).decode
_decode_members = msgspec.json.Decoder(Texts).decode
_decode_managers = msgspec.json.Decoder(list[FieldManager]).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_value = msgspec.json.Decoder().decode


class SharedParts:
    """Decodes the facts of one journal, one after the other. Nobody may change what it gives."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[bytes, Any] = {}
        self._aging: dict[bytes, Any] = {}
        self._names: dict[str, str] = {}
        self._times: dict[float, float] = {}
        self._managers: dict[bytes, list[FieldManager]] = {}

    def __len__(self) -> int:
        """How many texts are known."""
        return len(self._known) + len(self._aging)

    def decode(self, line: bytes) -> AnyFact:
        """The fact of a line; msgspec.ValidationError or msgspec.DecodeError where it is none."""
        one = self._one
        if MARK not in line[:HEAD_BYTES]:
            other = _decode_fact(line)
            for name in other.__struct_fields__:
                if type(text := getattr(other, name)) is str:
                    msgspec.structs.force_setattr(other, name, one(text))
            return cast("AnyFact", other)
        fact = _decode_object(line)
        return ObjectSeen(
            cluster=cast("ClusterName", one(fact.cluster)),
            change=cast("Change", one(fact.change)),
            kind=one(fact.kind),
            name=one(fact.name),
            uid=one(fact.uid),
            resource_version=one(fact.resource_version),
            api_version=one(fact.api_version),
            namespace=one(fact.namespace),
            object=None if fact.object is None else self._members(fact.object),
            patch=None if fact.patch is None else self._members(fact.patch),
            inferred=fact.inferred,
            digest=fact.digest,
            managers=self._writers(bytes(fact.managers)),
        )

    def of_new(self, fact: AnyFact, line: bytes) -> AnyFact:
        """A fact that was just made and written as this line, with shared parts; as it is where it could not be read again."""
        if not isinstance(fact, ObjectSeen):
            return fact
        try:
            return self.decode(line)
        except msgspec.MsgspecError:
            return fact

    def _one(self, name: str) -> str:
        if len(self._names) > PARTS_MAX:
            self._names.clear()
        return self._names.setdefault(name, name)

    def time(self, seconds: float) -> float:
        """A time: many entries begin when others ended."""
        if len(self._times) > PARTS_MAX:
            self._times.clear()
        return self._times.setdefault(seconds, seconds)

    def _writers(self, text: bytes) -> list[FieldManager]:
        found = self._managers.get(text)
        if found is None:
            if len(self._managers) > PARTS_MAX:
                self._managers.clear()
            found = self._managers[text] = _decode_managers(text)
        return found

    def _members(self, texts: Texts) -> Body:
        return {self._one(name): self._part(bytes(text)) for name, text in texts.items()}

    def _part(self, text: bytes) -> Any:
        """The value of a text: the one that it gave before, where it was met not long ago."""
        found = self._known.get(text)
        if found is not None:
            return found
        found = self._aging.get(text)
        if found is None:
            match text[:1]:
                case b"{":
                    found = self._members(_decode_members(text))
                case b"[":
                    found = [self._part(bytes(item)) for item in _decode_items(text)]
                case b'"':
                    found = self._one(_decode_value(text))
                case _:
                    return _decode_value(text)
        self._known[text] = found
        if len(self._known) > PARTS_MAX:
            self._known, self._aging = {}, self._known
        return found
