"""Custom resources against their schema."""

from harness.emulated.apiserver.kinds import Json, Resource


def settle(resource: Resource, body: Json, live: Json | None, validation: str, warnings: list[str]) -> None:
    """Prune, default and validate."""
