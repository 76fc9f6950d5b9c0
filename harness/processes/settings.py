"""What a lab of processes is started with: `processes.json`, as `harness` writes it once every program is there."""

from pathlib import Path
from typing import Any

import msgspec

from harness.lab.model import Embedded


class ComponentProgram(msgspec.Struct, frozen=True):
    """A real component: its program, further flags, and the directory of the manifests that go with it, where it has one.

    `release` is the version of a pinned one.
    """

    path: Path
    flags: tuple[str, ...] = ()
    manifests: Path | None = None
    release: str = ""


class ProcessesSettings(msgspec.Struct, frozen=True):
    """`programs` by cluster and component; a component that is not in it is ours."""

    embedded: Embedded
    programs: dict[str, dict[str, ComponentProgram]]

    @classmethod
    def read(cls, path: Path) -> "ProcessesSettings":
        """Decode processes.json; msgspec.ValidationError names what is wrong in it."""
        return msgspec.json.decode(path.read_bytes(), type=cls, dec_hook=_path)

    def encoded(self) -> bytes:
        """As the file holds it."""
        return msgspec.json.encode(self, enc_hook=str)


def _path(kind: type, text: Any) -> Any:
    if kind is Path:
        return Path(text)
    raise NotImplementedError(kind)
