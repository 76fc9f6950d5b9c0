"""How each scenario of the project ends, on whatever lab: what suites that do them on several labs hold them to."""

from typing import NamedTuple

HOSTS = ("node-0", "node-1", "node-2")
PASS, FAIL, UNKNOWN = (dict.fromkeys(HOSTS, verdict) for verdict in ("pass", "fail", "unknown"))
ONE_FAILS = PASS | {"node-1": "fail"}


class Story(NamedTuple):
    """How a scenario ends: exit code, verdict of each host, and for one check of node-1 what it says."""

    code: int
    hosts: dict[str, str]
    check: str = ""
    says: str = ""


STORIES = {
    "pivot": Story(0, PASS),
    "pivot_and_back": Story(0, PASS),
    "pivot_bmo_left": Story(0, PASS),
    "pivot_watch_cut": Story(0, PASS),
    "pivot_own_promises": Story(0, PASS),
    "pivot_bmc_busy": Story(0, PASS),
    "move_killed": Story(0, PASS),
    "move_tried_again": Story(1, PASS),
    "pivot_back_older_source": Story(1, PASS),
    "pivot_status_lost": Story(1, ONE_FAILS, "bmc_untouched", "Reset ForceOff by the Ironic of the target"),
    "pivot_third_party_reset": Story(1, ONE_FAILS, "bmc_untouched", "Reset ForceRestart by this harness"),
    "pivot_source_ironic_left": Story(1, FAIL, "one_owner", "the Ironics of both clusters held it"),
    "pivot_labels_missing": Story(1, FAIL, "objects_arrive", "BareMetalHost node-1 was left behind in the source"),
    "pivot_target_cut_off": Story(
        1, UNKNOWN | {"node-1": "fail"}, "preflight_network", "the target does not reach the BMC of node-1 ("
    ),
    "pivot_bmc_silent": Story(3, UNKNOWN, "bmc_untouched", "the BMC did not answer for"),
}
