"""What is wrong with a promise, told before anything is switched on: every mistake, with its place in the condition."""

from collections.abc import Iterator

from harness.errors import ConditionError
from harness.files.conditions.checker import Mistake, check
from harness.files.conditions.cost import refuse_endless
from harness.files.conditions.library import evaluate, program
from harness.files.conditions.syntax import Term, read, start, walk
from harness.files.conditions.types import ANY, BOOL, phrase
from harness.verdict.promises.facts_read import OF_A_HOST, asked, every_fact, mistakes
from harness.verdict.promises.variables import variables
from harness.world.horizon import SHOWN_BY

ADVICE = {
    "host": "it is known `for: hosts`",
    "before": "it is known `for: hosts`",
    "node": "it is known `for: hosts`",
    "ironic": "it is known `for: hosts`",
    "object": "it is known `for: {kind: KIND}`",
}
"""Where each variable is known, for those who ask for it elsewhere."""
NOT_NAMED = {"audit": "it has no audit logs of both clusters", "ironic": "it does not name the Ironics of both clusters"}
_LITERAL_ARGUMENTS = {"matches": "''.matches({})", "duration": "duration({})", "timestamp": "timestamp({})"}


def scope_meant(form: str, texts: list[str]) -> str:
    """What a promise is over where it does not say: the run, where only facts are read, and some that tell of no host; else the hosts."""
    try:
        terms = [read(text) for text in texts]
    except ConditionError:
        return "hosts"
    names = {one.text for term in terms for one in walk(term) if one.kind == "name"}
    facts = frozenset(name for term in terms for name in asked(form, term))
    return "run" if "fact" in names and not names & set(ADVICE) and facts - OF_A_HOST else "hosts"


def examine(text: str, form: str, over: str, kind: str = "", unwatched: frozenset[str] = frozenset()) -> list[Mistake]:
    """Everything that is wrong with one condition; `unwatched` are the sights that this lab does not have."""
    try:
        term = read(text)
        program(text)
        refuse_endless(term)
    except ConditionError as error:
        return [Mistake(error.at, error.width, str(error))]
    found_kind, found = check(term, variables(over, kind))
    found = [advised(one, over) for one in found]
    if form != "stable" and not found and found_kind not in (ANY, BOOL):
        found.append(
            Mistake(
                start(term), len(text.rstrip()) - start(term), f"a condition is true or false, and this is {phrase(found_kind)}"
            )
        )
    if not found:
        found += literals(text, term)
    if not found:
        found += read_by_nobody(term, form, over, unwatched)
    return found


def advised(mistake: Mistake, over: str) -> Mistake:
    """A mistake; of a variable that is known elsewhere with where that is, in place of the nearest that is known here."""
    if mistake.word in ADVICE and mistake.cause.startswith("there is no variable"):
        here = {"run": "run", "kind": "{kind: …}", "hosts": "hosts"}[over]
        cause = f"there is no `{mistake.word}` in a promise `for: {here}`; {ADVICE[mistake.word]}"
        return Mistake(mistake.at, mistake.width, cause)
    return mistake


def literals(text: str, term: Term) -> Iterator[Mistake]:
    """Patterns, durations and times that are none."""
    for one in walk(term):
        last = one.parts[-1] if one.parts else one
        if one.kind in ("call", "method") and one.text in _LITERAL_ARGUMENTS and (last.kind, last.text) == ("literal", "text"):
            try:
                evaluate(_LITERAL_ARGUMENTS[one.text].format(text[last.at : last.end]), {})
            except ConditionError as error:
                yield Mistake(last.at, last.end - last.at, f"`{one.text}` cannot take this: {error}")


def read_by_nobody(term: Term, form: str, over: str, unwatched: frozenset[str]) -> Iterator[Mistake]:
    """A condition that reads nothing, facts that there are not, that tell of no host, or that nobody in this lab watches."""
    names = [one for one in walk(term) if one.kind == "name" and one.text in variables(over)]
    if not names:
        yield Mistake(start(term), 1, "this condition reads nothing of what was seen, so it is always the same")
    if over == "hosts":
        yield from (
            Mistake(one.at, len(one.text), "this lab does not name the Ironics of both clusters, so nobody watches their nodes")
            for one in names
            if one.text == "ironic" and "ironic" in unwatched
        )
    of_facts = next((one for one in names if one.text == "fact"), None)
    if of_facts is None:
        return
    wrong = list(mistakes(form, term))
    yield from wrong
    wanted = frozenset() if wrong else asked(form, term)
    if over == "hosts" and (others := sorted(wanted - OF_A_HOST)):
        shown = "any fact" if wanted == every_fact() else f"{others[0]}"
        cause = f"this asks {shown}, and of single hosts tell only {', '.join(sorted(OF_A_HOST))}; write `for: run`, or `fact.fact == …`"
        yield Mistake(of_facts.at, len("fact"), cause)
    if over == "kind" and not wrong and "ObjectSeen" not in wanted:
        yield Mistake(
            of_facts.at, len("fact"), "`fact` is the ObjectSeen that shows the object here, and it has not what is read"
        )
    unseen = sorted(name for name in wanted if SHOWN_BY.get(name) in unwatched) if over != "kind" else []
    if unseen:
        narrower = "; say which facts you mean by `fact.fact == …`" if len(unseen) < len(wanted) else ""
        yield Mistake(
            of_facts.at,
            len("fact"),
            f"nobody watches {', '.join(unseen)} in this lab: {NOT_NAMED[SHOWN_BY[unseen[0]]]}{narrower}",
        )
