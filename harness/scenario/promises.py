"""Promises of one's own in `expect:`: a table with one form, its conditions, and beside it what it is over and how it is told."""

import re
from collections.abc import Iterable

from harness.files.binding import WRONG, Binder
from harness.files.durations import Duration
from harness.files.problems import Problems, location_within, quote
from harness.files.yaml_tree import Items, Scalar, Table, Value
from harness.journal.facts import Expectation, OwnPromise
from harness.sight.kube.kinds import PIVOT_KINDS, WORKLOAD_KINDS
from harness.verdict.promises.examine import examine, scope_meant
from harness.world.moved_kinds import FAMILIES, full_name, kind_name

FORMS = {
    "never": "a condition that is never true",
    "always": "a condition that is always true",
    "stable": "a value that stays as it was",
    "eventually": "a condition that becomes true `within:` a time",
    "at_most": "a number; so often at most the condition in `of:` becomes true",
    "exclusive": "a list of conditions, no two of which are true at once",
}
"""Each form, and what stands behind it."""
BESIDE = {"eventually": ("within",), "at_most": ("of",)}
COMMON = ("for", "says")
NAME_MAX = 100
WATCHED_KINDS = tuple(sorted({kind.name for kind in (*PIVOT_KINDS, *WORKLOAD_KINDS)} | {"Pod"}))
_BUILT_IN = re.compile(r"[a-z0-9-]*|(.+\.)?k8s\.io")
"""API groups whose kinds are Kubernetes' own, none of which a move takes along."""


def form_of(item: Value) -> str | None:
    """The form of a promise, where this is one; any of two, where they are more."""
    return next((key for key in item.keys if key in FORMS), None) if isinstance(item, Table) else None


class PromiseReader:
    """Reads promises of one scenario; what is wrong is added to the problems."""

    def __init__(self, problems: Problems, bind: Binder, unwatched: Iterable[str], words: Iterable[str]) -> None:
        """`unwatched` are sights that the lab does not have; `words` are checks, by whose names no promise may be told."""
        self._problems = problems
        self._bind = bind
        self._unwatched = frozenset(unwatched)
        self._words = frozenset(words)
        self._names: dict[tuple[str, str], int] = {}

    def read(self, item: Table, form: str, block: str, *, steady: bool) -> Expectation | None:
        """The promise; None where anything is wrong with it."""
        before = len(self._problems)
        self._keys(item, form)
        written = self._conditions(item, form)
        over, kind = self._scope(item, form, [it.text for it in written])
        for condition in written:
            for it in examine(condition.text, form, over, kind, self._unwatched):
                place = location_within(condition.place, condition.text, it.at, it.width)
                self._problems.add(place, it.cause, word=it.word, known=it.known)
        promise = OwnPromise(
            form=form,  # type: ignore[arg-type]
            conditions=[it.text for it in written],
            over=over,  # type: ignore[arg-type]
            kind=kind,
            within=self._within(item) if form == "eventually" else 0.0,
            count=self._count(item) if form == "at_most" else 0,
        )
        name = self._name(item, promise, block)
        good = len(self._problems) == before
        return Expectation(check=name, block=block, steady=steady, own=promise) if good else None

    def _keys(self, item: Table, form: str) -> None:
        """Tell what stands beside a form and does not belong there."""
        known = (form, *BESIDE.get(form, ()), *COMMON)
        for key, place in item.keys.items():
            if key in FORMS and key != form:
                self._problems.add(
                    place, f"a promise has one form, and `{form}` is one already; write each behind a `- ` of its own"
                )
            elif key not in known:
                self._problems.add(place, f"{quote(key)} is no key beside `{form}:`", word=key, known=known)

    def _conditions(self, item: Table, form: str) -> list[Scalar]:
        """The conditions that can be looked at."""
        key = "of" if form == "at_most" else form
        value = item.values.get(key)
        if value is None:
            self._problems.add(item.keys[form], f"`{form}:` needs `{key}:` beside it, {FORMS[form]}")
            return []
        if form != "exclusive":
            return self._condition(value, form)
        if not isinstance(value, Items) or len(value.values) < 2:
            self._problems.add(value.place, "`exclusive:` is a list of two conditions or more, as in `[CONDITION, CONDITION]`")
            return []
        return [each for one in value.values for each in self._condition(one, form)]

    def _condition(self, value: Value, form: str) -> list[Scalar]:
        if isinstance(value, Scalar) and value.text.strip() and not value.is_null:
            return [value]
        found = "a list" if isinstance(value, Items) else "a table" if isinstance(value, Table) else "nothing"
        hint = "; put one with `{` or `[` at its begin, or `: ` in it, in quotes" if found != "nothing" else ""
        self._problems.add(value.place, f"`{form}:` wants a condition, and {found} stands here{hint}")
        return []

    def _scope(self, item: Table, form: str, texts: list[str]) -> tuple[str, str]:
        """What a promise is over, and of which kind."""
        value = item.values.get("for")
        if value is None:
            return scope_meant(form, texts), ""
        if isinstance(value, Table):
            for key, place in value.keys.items():
                if key != "kind":
                    self._problems.add(place, f"{quote(key)} is no key of `for:`", word=key, known=("kind",))
            name = self._bind.value(value.values["kind"], str) if "kind" in value.values else None
            if name is None or name is WRONG:
                if name is None:
                    self._problems.add(value.place, "`for:` needs the kind, as in `for: {kind: Machine}`")
                return "kind", ""
            return "kind", self._kind(value.values["kind"], str(name))
        if isinstance(value, Scalar) and value.text in ("hosts", "run"):
            return value.text, ""
        known = ("hosts", "run", *WATCHED_KINDS)
        text = value.text if isinstance(value, Scalar) else ""
        cause = (
            f"`for:` is hosts, run or {{kind: KIND}}, and not {quote(text)}" if text else "`for:` is hosts, run or {kind: KIND}"
        )
        if text in WATCHED_KINDS:
            self._problems.add(value.place, f"{cause}; write `for: {{kind: {text}}}`")
        else:
            self._problems.add(value.place, cause, word=text, known=known if text else ())
        return "hosts", ""

    def _kind(self, value: Value, text: str) -> str:
        """The name by which a kind is told; a problem where nobody watches it."""
        kind, _, group = text.partition(".")
        name = kind_name(kind, group)
        followed = bool(group) and any(group == family or group.endswith(f".{family}") for family in FAMILIES)
        if name not in WATCHED_KINDS and not followed and _BUILT_IN.fullmatch(group):
            known = {full_name(each) for each in WATCHED_KINDS} if group else set(WATCHED_KINDS)
            self._problems.add(value.place, f"nobody watches objects of kind {quote(text)}", word=text, known=known)
        return name

    def _within(self, item: Table) -> float:
        value = item.values.get("within")
        if value is None:
            self._problems.add(item.keys["eventually"], "`eventually:` needs `within:` beside it, a duration like 10m")
            return 0.0
        within = self._bind.value(value, Duration)
        if within == 0:
            self._problems.add(value.place, "a limit must be longer than nothing")
        return 0.0 if within is WRONG else float(within)

    def _count(self, item: Table) -> int:
        count = self._bind.value(item.values["at_most"], int)
        if count is not WRONG and count < 0:
            self._problems.add(item.values["at_most"].place, "nothing is true less often than never; write 0 or more")
        return 0 if count is WRONG else int(count)

    def _name(self, item: Table, promise: OwnPromise, block: str) -> str:
        """By what a promise is told: what it says, else how it is written. No two of a block are told alike."""
        says = self._bind.value(item.values["says"], str) if "says" in item.values else ""
        place = item.values["says"].place if "says" in item.values else item.place
        name = " ".join(says.split()) if says is not WRONG else ""
        if says is not WRONG and "says" in item.values and not name:
            self._problems.add(place, "`says:` says nothing")
        name = name or as_written(promise)
        if not promise.conditions:
            return name
        if name in self._words:
            self._problems.add(place, f"{quote(name)} is a check already; say it otherwise")
        if (block, name) in self._names:
            cause = f"{quote(name)} is promised twice, first in line {self._names[block, name]}; tell them apart by `says:`"
            self._problems.add(place, cause)
        self._names.setdefault((block, name), place.line)
        return name


def as_written(promise: OwnPromise) -> str:
    """A promise on one line of limited length."""
    head = f"{promise.form} {promise.count} of" if promise.form == "at_most" else promise.form
    over = {"hosts": "", "run": " (run)", "kind": f" ({promise.kind})"}[promise.over]
    text = " ".join(f"{head}: {' | '.join(promise.conditions)}".split())
    return (text if len(text) <= NAME_MAX else text[: NAME_MAX - 1] + "…") + over
