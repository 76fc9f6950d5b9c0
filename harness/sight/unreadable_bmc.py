"""A BMC whose address nobody understands: every look at it fails with the reason, so its host is not covered, and nobody else is."""

from bmc.errors import BmcError
from bmc.model import Reading, RequestsRead


class UnreadableBmc:
    """Stands for the observer of a BMC that cannot be asked; each look raises the error that its address caused."""

    local_address = ""

    def __init__(self, error: BmcError) -> None:
        self._error = error

    async def read(self) -> Reading:
        """Raise the error."""
        raise self._again()

    async def begin_requests(self) -> bool:
        """Raise the error."""
        raise self._again()

    async def read_requests(self) -> RequestsRead:
        """Raise the error."""
        raise self._again()

    async def close(self) -> None:
        """Nothing is open."""

    def _again(self) -> BmcError:
        """The same error, anew: an exception that is raised twice carries both tracebacks."""
        return BmcError(kind=self._error.kind, blame=self._error.blame, says=self._error.says)
