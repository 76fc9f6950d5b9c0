"""Strategic merge patch for built-in kinds."""

from harness.emulated.apiserver.patch import merge

__all__ = ["merge"]
