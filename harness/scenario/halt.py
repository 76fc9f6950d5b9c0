"""What a step returns after which no other may follow."""

from typing import NamedTuple


class Halt(NamedTuple):
    """What was waited for in vain, or could not be told. Where it was the last step, the run came to its end: the checks say the rest.

    A step that follows it is refused, as a move back from hosts that nobody adopted would destroy them.
    """

    says: str
