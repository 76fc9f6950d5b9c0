"""One object of each kind arrives with another value in its spec or data, or with another label.

Twin: it arrives with a null that its definition allows.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.trial import rules

RULE = rules.TWO_QUESTIONS
MOMENTS = ("creating",)
VARIANTS = tuple(f"{kind} {part}" for kind in find.MOVED_KINDS for part in ("content", "label"))
TWINS = tuple(f"{kind} null" for kind in find.MOVED_KINDS if kind != "Secret")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    kind, part = draft.variant.split()
    key = find.own(draft, kind)
    body = draft.run.world.objects[key][0].body
    if part == "content":
        content = next((name for name in ("spec", "dataDigest") if body.get(name)), None)
        if content is None:
            raise NotApplicableError(f"a {kind} with content")
        change = changes.other_value(content)
    else:
        change = changes.put("metadata", "labels", "added-on-the-way", value="yes")
    objects.rewrite(draft, key, change, since=draft.run.move.since)
    return fails("objects_arrive", "hosts_keep_state", "hosts_adopted", **find.whose(draft, key))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    kind, _ = draft.variant.split()
    objects.rewrite(draft, find.own(draft, kind), changes.put("spec", "nothing", value=None), since=draft.run.move.since)
