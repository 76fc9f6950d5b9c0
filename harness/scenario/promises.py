"""The checks that make up the promise of a pivot, by how a run was observed."""

HOSTS = (
    "hosts_keep_state",
    "history_unchanged",
    "bmc_untouched",
    "nodes_untouched",
    "one_owner",
    "moved_in_order",
    "status_carried",
    "objects_arrive",
    "hosts_adopted",
    "annotations_consumed",
    "machines_run",
)
"""What is promised of every host that is moved."""

IMPORTED = (*HOSTS, "move_completes")
"""Judged on foreign recordings, which have no probes and no steps of ours."""

WATCHED = (*HOSTS, "move_completes", "run_completes")
"""Judged where somebody else did the move."""

PIVOT = (*HOSTS, "move_completes", "network_serves", "run_completes")
"""The whole promise of a scenario that names none."""
