"""Which facts a condition asks for: told by the names that it compares `fact.fact` with, and by the members that it reads.

A fact without a member that is read has nothing to say to it. So `fact.method == "POST"` is asked of those that have a method.
"""

from collections.abc import Iterator

from harness.files.conditions.checker import Mistake
from harness.files.conditions.syntax import Term, walk
from harness.journal.facts import BmcRead, BmcRequest, IronicNode, IronicNodeGone
from harness.verdict.promises.variables import OF_EVERY_ENTRY, members_of_facts

Names = frozenset[str]
OF_A_HOST: Names = frozenset(it.__name__ for it in (BmcRead, BmcRequest, IronicNode, IronicNodeGone))
"""The facts each of which tells of one host."""


def every_fact() -> Names:
    """The names of all facts that there are."""
    return frozenset(members_of_facts())


def asked(form: str, term: Term) -> Names:
    """The facts that matter to a promise: those by which it can be broken, or kept where one is enough."""
    return _with_members(term) if form == "stable" else told_by(term, truth=form != "always")


def told_by(term: Term, *, truth: bool) -> Names:
    """The facts for which a condition may be true (or, not `truth`, false)."""
    match term.kind, term.text:
        case "binary", "&&" | "||":
            one, other = (told_by(part, truth=truth) for part in term.parts)
            return one & other if (term.text == "&&") is truth else one | other
        case "not", _:
            return told_by(term.parts[0], truth=not truth)
        case "literal", "bool":
            return every_fact() if (term.value == "true") is truth else frozenset()
        case "has", _ if _member(term.parts[0]):
            named = frozenset(it for it, members in members_of_facts().items() if _member(term.parts[0]) in members)
            return named if truth else every_fact()
        case "binary", "==" | "!=" | "in":
            named_here = frozenset(it.value for it in compared(term))
            if named_here and term.text == "!=":
                truth = not truth
            return (named_here if truth else every_fact() - named_here) if named_here else _with_members(term)
        case _:
            return _with_members(term)


def compared(term: Term) -> list[Term]:
    """The texts that `fact.fact` is compared with here."""
    if term.kind != "binary" or term.text not in ("==", "!=", "in"):
        return []
    one, other = term.parts
    if _member(other) == "fact" and term.text != "in":
        one, other = other, one
    if _member(one) != "fact":
        return []
    texts = other.parts if term.text == "in" and other.kind == "list" else (other,)
    return list(texts) if all(it.kind == "literal" and it.text == "text" for it in texts) else []


def mistakes(form: str, term: Term) -> Iterator[Mistake]:
    """Names of facts that there are not, and a condition that no fact can ever meet."""
    wrong = [it for one in walk(term) for it in compared(one) if it.value not in every_fact()]
    yield from (
        Mistake(it.at, it.end - it.at, f'there is no fact "{it.value}"', it.value, tuple(sorted(every_fact()))) for it in wrong
    )
    members = sorted({name for one in walk(term) if (name := _member(one))})
    if not wrong and members and not asked(form, term):
        names = ", ".join(f"`{name}`" for name in members)
        yield Mistake(0, 1, f"no fact has all that is read here ({names}), so this is asked of none")


def _with_members(term: Term) -> Names:
    """The facts that have every member that is read in this part."""
    read = {name for one in walk(term) if (name := _member(one))} - set(OF_EVERY_ENTRY)
    return frozenset(name for name, members in members_of_facts().items() if read <= set(members))


def _member(term: Term) -> str:
    """The name, where this is a member of the variable `fact` itself; else empty."""
    of = term.parts[0] if term.kind == "member" else term
    return term.text if term.kind == "member" and (of.kind, of.text) == ("name", "fact") else ""
