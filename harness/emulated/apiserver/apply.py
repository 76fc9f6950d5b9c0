"""Server-side apply."""

from typing import Any

from harness.emulated.apiserver.errors import bad_request
from harness.emulated.apiserver.kinds import Resource
from harness.emulated.apiserver.objects import Objects, Writing
from harness.emulated.apiserver.store import Key, Stored


def apply(
    objects: Objects, resource: Resource, key: Key, body: Any, writing: Writing, part: str, *, force: bool
) -> tuple[Stored, bool]:
    """Apply."""
    raise bad_request("no apply")
