"""A reset of the host's System is recorded under the name of another host behind the same BMC. Twin: that one's own System is reset."""

from urllib.parse import urlsplit

from harness.catalogue.planting import changes, find, objects, requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.spare_lost import spare_of
from harness.catalogue.trial import rules
from harness.journal.facts import BmcRequest

RULE = rules.UNIQUENESS
MOMENTS = ("creating", "late")


def neighbour(draft: Draft) -> str:
    """Another host has a System of its own behind the same BMC: the path of that System."""
    address = str(draft.host.baseline.get("spec", "bmc", "address"))
    other = f"{address.rpartition('/')[0]}/neighbour"
    for side in (draft.run.origin, draft.run.destination):
        key = find.host_copy(draft, side)._replace(name=spare_of(draft).name)
        objects.rewrite(draft, key, changes.put("spec", "bmc", "address", value=other), since=-1.0)
    return urlsplit(other).path


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.run.need("bmc_requests")
    neighbour(draft)
    path = f"{requests.paths(draft, draft.host.name)['system']}/Actions/ComputerSystem.Reset"
    by, name = requests.THIRD_PARTY, spare_of(draft).name
    body = '{"ResetType": "ForceRestart"}'
    draft.tell(BmcRequest(host=name, method="POST", path=path, status=204, address=by.address, user_agent=by.agent, body=body))
    return fails("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    line = f"POST {neighbour(draft)}/Actions/ComputerSystem.Reset"
    requests.ask(draft, requests.THIRD_PARTY, requests.Request(line, {"ResetType": "ForceRestart"}))
