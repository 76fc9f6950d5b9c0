"""How many files and connections we may have open: counted before a lab is watched, and as many asked for as we may have."""

import resource

from harness.errors import UsageError

OF_OURSELVES = 160
"""Beside the hosts: clusters and their watches, Ironics, the journal, a mover. Measured were 93; a reserve is on top."""
OF_A_HOST = 9
"""A BMC's connection, its stream of events, and three at once of each network probe; an embedded lab holds as many on its side."""


def have_descriptors(hosts: int) -> None:
    """Have enough for so many hosts, here and in what we start from now on. Raises UsageError, with the number, if we may not."""
    needed = OF_OURSELVES + OF_A_HOST * hosts
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return
    most = needed if hard == resource.RLIM_INFINITY else hard
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < needed:
        raise UsageError(
            f"{hosts} hosts need {needed} open files and connections, and the limit here is {most}: raise it (`ulimit -n {needed}`)"
        )
