"""The record of requests begins and ends, and shows none: not even the adoption's own. It proves nothing.

Twin: one request more.
"""

from harness.catalogue.planting import find, requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, unknown
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.KNOWN_POSITIVES
MOMENTS = ("settling",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    if draft.run.sees("bmc"):
        raise NotApplicableError("BMCs whose only witness is the record of requests")
    draft.run.need("bmc_requests")

    for name in find.hosts(draft):
        requests.drop_requests(draft, name)
    return unknown("bmc_untouched", hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    requests.ask(draft, requests.THIRD_PARTY, Request("GET /redfish/v1/", status=200))
