"""What a watch sends, decoded only as far as needed: type, name, uid and version; the object itself stays bytes."""

import msgspec

from harness.kube.errors import ClusterEndpoint, ClusterError, Status

TYPES = ("ADDED", "MODIFIED", "DELETED", "BOOKMARK")


class Metadata(msgspec.Struct, rename="camel", gc=False):
    """The part of an object's metadata that tells which object in which version it is; a bookmark has only the version."""

    resource_version: str
    name: str = ""
    namespace: str = ""
    uid: str = ""


class PartialObject(msgspec.Struct, gc=False):
    """The part of an object that is decoded before it is known whether it changed."""

    metadata: Metadata


class WatchEvent(msgspec.Struct, gc=False):
    """One line of a watch."""

    type: str
    object: msgspec.Raw


class Sighting(msgspec.Struct, gc=False):
    """One object, or bookmark, as a list or a watch showed it. `change` is the watch's type in lower case, or `listed`."""

    change: str
    version: int
    metadata: Metadata
    raw: msgspec.Raw

    @property
    def key(self) -> tuple[str, str]:
        """Namespace and name."""
        return (self.metadata.namespace, self.metadata.name)


_event_decoder = msgspec.json.Decoder(WatchEvent)
_item_decoder = msgspec.json.Decoder(PartialObject)
_status_decoder = msgspec.json.Decoder(Status)


def version_number(version: str) -> int:
    """A resourceVersion as a number that can be compared within a kind (KEP-5504). ValueError where it is none."""
    return int(version)


def read_item(raw: msgspec.Raw, change: str = "listed") -> Sighting:
    """One item of a list. ValueError where it is no object."""
    metadata = _item_decoder.decode(raw).metadata
    return Sighting(change, version_number(metadata.resource_version), metadata, raw)


def read_line(place: ClusterEndpoint, line: bytes) -> Sighting:
    """One line of a watch. Raises ClusterError for an ERROR event (with its code), and for what is no watch event at all."""
    try:
        event = _event_decoder.decode(line)
        if event.type in TYPES:
            return read_item(event.object, event.type.lower())
        status = _status_decoder.decode(event.object)
    except ValueError as error:
        raise ClusterError(place, f"sent a line that is no watch event ({error})") from error
    said = f"ended the watch with {event.type} {status.code}: {status.message}"
    raise ClusterError(place, said, status=status.code or 0, reason=status.reason or "")
