"""The status annotation of the host's copy is absent, empty, older, cut or edited, though its owner shows a good status later.

Twin: only the hardware is cut out of it, which CAPM3 does by itself.
"""

import json
from collections.abc import Callable

from harness.catalogue.planting import find
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.planting.objects import rewrite
from harness.catalogue.trial import rules
from harness.journal.facts import Body
from harness.metal3 import STATUS

RULE = rules.TWO_QUESTIONS
FORMS: dict[str, Callable[[Body], str | None]] = {
    "absent": lambda status: None,  # noqa: ARG005 - what is absent does not depend on what was there
    "empty": lambda status: "",  # noqa: ARG005 - nor does what is empty
    "empty object": lambda status: "{}",  # noqa: ARG005 - the same
    "older": lambda status: json.dumps({**status, "lastUpdated": "2020-01-01T00:00:00Z", "provisioningFailCount": 3}),
    "cut": lambda status: json.dumps(status)[:-40],
    "edited": lambda status: json.dumps({**status, "provisioning": {**status["provisioning"], "state": "available"}}),
}
MOMENTS = ("creating",)
VARIANTS = tuple(FORMS)


def without_hardware(status: Body) -> str:
    """The status as CAPM3 writes it."""
    return json.dumps({name: value for name, value in status.items() if name != "hardware"})


def alter(draft: Draft, form: Callable[[Body], str | None]) -> None:
    """Give the copy another status annotation, from its birth until it is consumed."""
    key = find.host_copy(draft)
    first = draft.run.copies(draft.host)[0].annotations.get(STATUS)
    if not first:
        raise NotApplicableError("a copy with a status annotation")
    text = form(json.loads(first))

    def change(body: Body) -> None:
        annotations = body["metadata"].get("annotations") or {}
        if STATUS in annotations:
            annotations.pop(STATUS)
            if text is not None:
                annotations[STATUS] = text

    rewrite(draft, key, change, since=-1.0)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    alter(draft, FORMS[draft.variant])
    return fails("status_carried", "objects_arrive", "annotations_consumed", "hosts_keep_state", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    alter(draft, without_hardware)
