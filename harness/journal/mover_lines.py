"""Parses the log lines of `clusterctl move`: which of them begin a phase."""

PHASES = ("contact", "discover", "check", "pause", "wait", "create", "delete", "resume")
"""In order. `contact`: the providers of both clusters are compared; `create`: the target is written to from here on;
`delete`: the point of no return; `resume`: the last writes. The line that begins a phase comes before its first call.
"""

_BOUNDARIES = (
    ("Performing move", "contact"),
    ("Discovering Cluster API objects", "discover"),
    ("Total objects", "check"),
    ("Pausing the source cluster", "pause"),  # `Pausing the source ClusterClasses` differs in a capital, and continues it
    ("Waiting for all resources to be ready to move", "wait"),
    ("Creating objects in the target cluster", "create"),
    ("Deleting objects from the source cluster", "delete"),
    ("Resuming the target ClusterClasses", "resume"),
)


def phase_of(line: str) -> str:
    """The phase that this line begins, or nothing.

    At verbosity 0 the lines for `check`, `pause` and `resume` are not printed: those phases then belong to the one before.
    """
    return next((phase for beginning, phase in _BOUNDARIES if line.startswith(beginning)), "")
