"""What to do about a failure or a doubt, in half a sentence: the last words of a headline."""

import re

OF_HARM_TO_A_DISK = (
    "trust nothing on its disk before you have looked, and let nobody act on a BareMetalHost before its status has arrived"
)
OF_HARM_BY_OTHERS = "find out who that was, and keep them from the BMCs while a pivot goes on"
OF_HARM_BY_US = "none is needed, this run's own scenario did it"

OF_A_FAILURE = {
    "objects_arrive": "carry over what is missing before the source is deleted, and look at the labels of its definition",
    "one_owner": "stop the Baremetal Operator and the Ironic of the source before the move",
    "hosts_adopted": "look at what the Baremetal Operator and the Ironic of the new owner say of the host",
    "network_serves": "give the new owner a way to the BMCs and to the images before the move",
    "move_completes": "`harness recover` of this run tells where everything is and leads on",
    "managers_run": "start the managers of the new owner",
    "status_carried": "see that nothing takes the status annotation away before the host has its status",
    "moved_in_order": "let only the mover create, delete and un-pause what it carries",
}
"""By the check that failed."""

OF_DOUBTS = (
    (r"latches a reset|no request|record of requests", "put the flight recorder before that BMC (docs/how-to/own-lab.md)"),
    (r"BMC did not answer", "look at that BMC and the path to it; the flight recorder sees requests all the same"),
    (r"had no effect|had an effect", "choose the fault's moment or its host otherwise"),
    (r"too early|not settled|no step `settle`", "let `settle` run, or watch longer"),
    (r"nobody watched|there was no sight", "`harness doctor` names what cannot be read, and the rights that it takes"),
    (r"cut off|has no end", "judge it when the run has ended; after a kill, `harness recover` leads on"),
    (r"was lost from|began only at|ended at|complete look", "see why that sight was lost, and pivot again"),
    (r"check crashed", "report it, with the journal"),
)
"""By what a judgement says that is unknown."""


def of_an_unknown(says: str) -> str:
    """What to do about a doubt; empty where nothing is known to help."""
    return next((cure for pattern, cure in OF_DOUBTS if re.search(pattern, says)), "")
