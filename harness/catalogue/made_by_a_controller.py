"""After the move a controller that goes astray makes a Machine, pool or claim that belongs to nothing. Twin: a user makes one."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.planting.objects import Writer
from harness.catalogue.trial import rules
from harness.journal.facts import Body

RULE = rules.TWO_QUESTIONS
MOMENTS = ("late",)
VARIANTS = ("Machine", "MachineSet", "IPPool", "IPClaim", "Metal3DataClaim")
TWINS = VARIANTS


def make(draft: Draft, kind: str, by: Writer) -> None:
    """A new object like one that was carried, with names of its own."""
    if not (draft.run.sees("audit") or draft.run.tells_managers):
        raise NotApplicableError("a run that tells who wrote its objects")
    key = find.own(draft, kind)
    last: Body = draft.run.world.objects[key][-1].body
    body = {name: value for name, value in last.items() if name in ("apiVersion", "spec")}
    if kind == "Machine":
        body["spec"] = {**body["spec"], "infrastructureRef": {**body["spec"]["infrastructureRef"], "name": "newcomer"}}
    objects.add(draft, key._replace(name="newcomer"), body, by=by)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    status = changes.put("status", "observedGeneration", value=7)
    objects.write(draft, find.cluster(draft), status, objects.CAPI)
    make(draft, draft.variant, objects.CAPI)
    return fails("objects_arrive", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    make(draft, draft.variant, objects.USER)
