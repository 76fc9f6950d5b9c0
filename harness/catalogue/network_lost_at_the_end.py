"""The owner does not reach a BMC, its Ironic or the images any more at the end. Twin: one probe was lost, and the next one came through."""

import msgspec

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails, not_passes
from harness.catalogue.trial import rules
from harness.journal.facts import AnyFact, ProbeSeen

RULE = rules.POST_FLIGHT
MOMENTS = ("late",)
VARIANTS = ("bmc", "ironic", "image")
TWINS = ("bmc", "ironic", "image")


def concerned(draft: Draft, fact: AnyFact, what: str) -> bool:
    """Is this a probe from the owner of that kind, at the drawn host's BMC, or its own Ironic?"""
    if not isinstance(fact, ProbeSeen) or (fact.vantage, fact.what) != (draft.run.destination, what):
        return False
    return fact.host in ("", draft.host.name) and fact.ironic in ("", draft.run.destination)


def last(draft: Draft, what: str) -> ProbeSeen:
    """The last probe of that kind."""
    found = [entry.fact for entry in draft.entries if concerned(draft, entry.fact, what)]
    if not found or not isinstance(found[-1], ProbeSeen):
        raise NotApplicableError(f"probes of {what} from the {draft.run.destination}")
    return found[-1]


def failed(fact: ProbeSeen) -> ProbeSeen:
    """The same probe, without an answer."""
    return msgspec.structs.replace(fact, ok=False, layer="tcp", says="no answer came")


def fail_all(draft: Draft, what: str) -> None:
    """Every probe from then on fails."""
    lost = failed(last(draft, what))
    draft.tell(lost)
    draft.alter(lambda entry: lost if entry.at > draft.time and concerned(draft, entry.fact, what) else None)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    what = draft.variant
    draft.run.need("probe", cluster=draft.run.destination)
    fail_all(draft, what)
    if what == "bmc":
        return not_passes("network_serves", hosts=[draft.host.name])
    return fails("network_serves")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    draft.run.need("probe", cluster=draft.run.destination)
    lost = failed(last(draft, draft.variant))
    draft.tell(lost, at=draft.time)
    draft.tell(msgspec.structs.replace(lost, ok=True, layer="content", says=""), at=draft.after(4))
