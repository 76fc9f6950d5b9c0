"""While a run goes on, garbage is looked for among what is new: all that a journal holds is kept to the end.

Python looks through everything it holds each time that this has grown by a quarter. With a journal of hundreds of hosts that takes a
second, in which the harness looks at nothing.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def survivors_kept() -> Iterator[None]:
    """What outlived a whole look in the block is not looked at again in it, afterwards it is."""
    gc.callbacks.append(_keep)
    try:
        yield
    finally:
        gc.callbacks.remove(_keep)
        gc.unfreeze()


def _keep(phase: str, told: dict[str, int]) -> None:
    if phase == "stop" and told["generation"] == len(gc.get_threshold()) - 1:
        gc.freeze()
