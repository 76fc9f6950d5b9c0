"""In place of a Lease that a cluster refuses: a locked file, which keeps the others of this machine away."""

import hashlib
import os
import tempfile
from pathlib import Path

from harness.errors import HeldError
from harness.files.held import hold, holder


class FileLock:
    """The lock for one API server, by its address."""

    def __init__(self, address: str, side: str) -> None:
        digest = hashlib.sha256(address.encode()).hexdigest()[:16]
        self._path = Path(tempfile.gettempdir()) / f"metal3-pivot-harness-{digest}.lock"
        self._side = side
        self._descriptor = -1

    def acquire(self) -> None:
        """Take it; HeldError where somebody else has it."""
        while self._descriptor < 0:
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise HeldError(f"{self._path}: cannot be locked ({error.strerror}): another user may run beside us") from error
            if not hold(descriptor):
                os.close(descriptor)
                raise HeldError(f"the {self._side} is held by {holder(self._path)}; wait for its end, or end it")
            if self._is(descriptor):
                self._descriptor = descriptor
            else:
                os.close(descriptor)  # who held it removed it meanwhile

    def _is(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except OSError:
            return False

    def release(self) -> None:
        """Give it up, and remove it."""
        if self._descriptor >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1
