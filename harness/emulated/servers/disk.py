"""What is on a server's disk once an image was written there."""

import base64
import gzip
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

import msgspec

SECTOR_BYTES = 2048
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Disk:
    """An installed system: the image it came from, its machine id, and what its config drive tells its kubelet.

    `annotations` are what its Node was given by others since, where it is found running.
    `machine_id` is 32 hexadecimal digits, new with every writing of the disk (machine-id(5)).
    """

    image: str
    machine_id: str
    node_name: str
    provider_id: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)

    @property
    def is_control_plane(self) -> bool:
        """Does it run an API server?"""
        return CONTROL_PLANE in self.labels


def written(image: str, configdrive: Any, default_name: str, dice: random.Random) -> Disk:
    """The disk after this image and config drive were written: `meta_data` and `user_data`, or a real Ironic's ISO of them."""
    drive = configdrive if isinstance(configdrive, dict) else _unpacked(str(configdrive or ""))
    meta = drive.get("meta_data")
    meta = meta if isinstance(meta, dict) else {}
    name = str(meta.get("local-hostname") or meta.get("metal3-name") or default_name)
    provider = str(meta.get("providerid", "")).removeprefix("metal3://")
    labels = {"metal3.io/uuid": str(meta["uuid"])} if "uuid" in meta else {}
    if "control plane" in str(drive.get("user_data", "")).replace("-", " "):
        labels[CONTROL_PLANE] = ""
    return Disk(
        image=image,
        machine_id=uuid.UUID(int=dice.getrandbits(128), version=4).hex,
        node_name=name,
        provider_id=f"metal3://{provider}" if provider else "",
        labels=labels,
    )


def _unpacked(packed: str) -> Body:
    """What an ISO 9660 image (gzip, base64) has: each of its files begins with a sector."""
    try:
        image = gzip.decompress(base64.b64decode(packed, validate=True))
    except (ValueError, OSError, EOFError):
        return {}
    sectors = [image[start:] for start in range(0, len(image), SECTOR_BYTES) if image[start : start + 1] == b"{"]
    found = [meta for sector in sectors if isinstance(meta := _first_json(sector), dict) and "uuid" in meta]
    return {"meta_data": found[0] if found else {}, "user_data": image.decode(errors="replace")}


def _first_json(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content.partition(b"\0")[0])
    except msgspec.DecodeError:
        return None
