"""What each part of a condition is, as far as that can be told before anything was seen, and what cannot be."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from harness.files.conditions.syntax import Term
from harness.files.conditions.types import (
    ANY,
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    FUNCTIONS,
    INT,
    MAP,
    METHODS,
    NULL,
    NUMBER,
    NUMBERS,
    ORDERED,
    TEXT,
    TIME,
    TYPE,
    TYPE_NAMES,
    UINT,
    Function,
    ListOf,
    Struct,
    ValueType,
    flat,
    phrase,
)

_LITERALS = {"int": INT, "uint": UINT, "double": DOUBLE, "text": TEXT, "bytes": BYTES, "bool": BOOL, "null": NULL}


class Mistake(NamedTuple):
    """What is wrong with a condition, and where; `word` and `known` where a name was probably misspelt."""

    at: int
    width: int
    cause: str
    word: str = ""
    known: tuple[str, ...] = ()


def check(term: Term, variables: Mapping[str, ValueType]) -> tuple[ValueType, list[Mistake]]:
    """The type of a condition, and every mistake in it; `variables` are all that it may read."""
    checker = _Checker(dict(variables))
    return checker.of(term), checker.mistakes


class _Checker:
    """Goes through a tree from the leaves up; what is wrong becomes `ANY`, so that one mistake is told once."""

    def __init__(self, variables: dict[str, ValueType]) -> None:
        self._variables = variables
        self.mistakes: list[Mistake] = []
        self._by_kind: dict[str, Callable[[Term], ValueType]] = {
            "literal": lambda term: _LITERALS[term.text],
            "name": self._name,
            "member": self._member,
            "index": self._index,
            "call": self._call,
            "method": self._method,
            "macro": self._macro,
            "has": self._has,
            "not": lambda term: self._all(term.parts, BOOL, "`!`"),
            "minus": self._minus,
            "binary": self._binary,
            "choice": self._choice,
            "list": self._list,
            "map": self._map,
        }

    def of(self, term: Term) -> ValueType:
        """The type of a part."""
        return self._by_kind[term.kind](term)

    def _wrong(self, term: Term, cause: str, word: str = "", known: Iterable[str] = ()) -> ValueType:
        self.mistakes.append(Mistake(term.at, term.end - term.at, cause, word, tuple(known)))
        return ANY

    def _name(self, term: Term) -> ValueType:
        if term.text in self._variables:
            return self._variables[term.text]
        if term.text in TYPE_NAMES:
            return TYPE
        if term.text in FUNCTIONS:
            return self._wrong(term, f"`{term.text}` is a function; write `{term.text}(…)`")
        return self._wrong(term, f'there is no variable "{term.text}" here', term.text, self._variables)

    def _member(self, term: Term) -> ValueType:
        of = self.of(term.parts[0])
        if isinstance(of, Struct):
            if term.text in of.members:
                found: ValueType = of.members[term.text]
                return found
            if of.open:
                return ANY
            return self._wrong(term, f'{of.name} has no "{term.text}"', term.text, of.members)
        if of in (ANY, MAP):
            return ANY
        return self._wrong(term, f"`.{term.text}` is asked of {phrase(of)}, which has no members")

    def _index(self, term: Term) -> ValueType:
        of, by = self.of(term.parts[0]), self.of(term.parts[1])
        if isinstance(of, ListOf):
            if by not in (ANY, *NUMBERS):
                return self._wrong(term.parts[1], f"the items of a list have numbers, and this is {phrase(by)}")
            item: ValueType = of.item
            return item
        if isinstance(of, str) and of not in (ANY, MAP):
            return self._wrong(term.parts[1], f"`[…]` is asked of {phrase(of)}, which has no items")
        return ANY

    def _call(self, term: Term) -> ValueType:
        if term.text in FUNCTIONS:
            return self._called(term, FUNCTIONS[term.text], term.parts)
        if term.text in METHODS:
            self.mistakes.append(Mistake(term.at, len(term.text), f"`{term.text}` is asked of a value: `value.{term.text}(…)`"))
        else:
            cause = f'there is no function "{term.text}"'
            self.mistakes.append(Mistake(term.at, len(term.text), cause, term.text, (*FUNCTIONS, "has")))
        for part in term.parts:
            self.of(part)
        return ANY

    def _method(self, term: Term) -> ValueType:
        if term.text in METHODS:
            return self._called(term, METHODS[term.text], term.parts)
        cause = f'no value has a method "{term.text}"'
        known = (*METHODS, "all", "exists", "exists_one", "filter", "map")
        self.mistakes.append(Mistake(term.at, len(term.text), cause, term.text, known))
        for part in term.parts:
            self.of(part)
        return ANY

    def _called(self, term: Term, function: Function, given: tuple[Term, ...]) -> ValueType:
        kinds = [self.of(one) for one in given]
        if len(given) != len(function.takes):
            wanted = len(function.takes) - (term.kind == "method")
            self.mistakes.append(
                Mistake(term.at, len(term.text), f"`{term.text}` takes {wanted or 'no'} argument{'s' * (wanted != 1)}")
            )
            return function.gives
        for one, kind, takes in zip(given, kinds, function.takes, strict=True):
            if takes is not None and flat(kind) not in (ANY, *takes):
                self._wrong(one, f"`{term.text}` takes {' or '.join(sorted(takes))}, and this is {phrase(kind)}")
        return function.gives

    def _macro(self, term: Term) -> ValueType:
        of = self.of(term.parts[0])
        if flat(of) not in (ANY, MAP):
            of = self._wrong(term.parts[0], f"`{term.text}` goes through a list, and this is {phrase(of)}")
        hidden = self._variables.get(term.value)
        self._variables[term.value] = of.item if isinstance(of, ListOf) else ANY
        asked = term.parts[1]
        kinds = [self.of(one) for one in term.parts[1:]]
        if (term.text != "map" or len(kinds) > 1) and kinds[0] not in (ANY, BOOL):
            self._wrong(asked, f"`{term.text}` asks each item for true or false, and this is {phrase(kinds[0])}")
        del self._variables[term.value]
        if hidden is not None:
            self._variables[term.value] = hidden
        if term.text == "map":
            return ListOf(kinds[-1])
        if term.text == "filter":
            return of if isinstance(of, ListOf) else ListOf(ANY)
        return BOOL

    def _has(self, term: Term) -> ValueType:
        self.of(term.parts[0])
        return BOOL

    def _all(self, terms: Iterable[Term], wanted: str, sign: str) -> ValueType:
        for term in terms:
            kind = self.of(term)
            if kind not in (ANY, wanted):
                self._wrong(term, f"{sign} stands between what is {wanted}, and this is {phrase(kind)}")
        return wanted

    def _minus(self, term: Term) -> ValueType:
        kind = self.of(term.parts[0])
        return kind if kind in (ANY, *NUMBERS) else self._wrong(term, f"`-` is for numbers, and this is {phrase(kind)}")

    def _choice(self, term: Term) -> ValueType:
        self._all(term.parts[:1], BOOL, "`?`")
        yes, no = self.of(term.parts[1]), self.of(term.parts[2])
        return yes if yes == no else ANY

    def _list(self, term: Term) -> ValueType:
        kinds = [self.of(one) for one in term.parts]
        return ListOf(kinds[0] if kinds and all(kind == kinds[0] for kind in kinds) else ANY)

    def _map(self, term: Term) -> ValueType:
        for one in term.parts:
            self.of(one)
        return MAP

    def _binary(self, term: Term) -> ValueType:
        if term.text in ("&&", "||"):
            return self._all(term.parts, BOOL, f"`{term.text}`")
        left, right = (self.of(one) for one in term.parts)
        if term.text == "in":
            if flat(right) not in (ANY, MAP):
                self._wrong(term.parts[1], f"`in` looks into a list or a table, and this is {phrase(right)}")
            return BOOL
        if term.text in ("==", "!="):
            if not _comparable(left, right):
                self._wrong(term, f"{phrase(left)} is compared with {phrase(right)}; they are never equal")
            return BOOL
        if term.text in ("<", "<=", ">", ">="):
            return self._order(term, left, right)
        return self._sum(term, left, right)

    def _order(self, term: Term, left: ValueType, right: ValueType) -> ValueType:
        for one, kind in zip(term.parts, (left, right), strict=True):
            if flat(kind) not in (ANY, *ORDERED):
                self._wrong(one, f"`{term.text}` compares what has an order, and this is {phrase(kind)}")
                return BOOL
        if not _comparable(left, right):
            self._wrong(term, f"`{term.text}` compares {phrase(left)} with {phrase(right)}")
        return BOOL

    def _sum(self, term: Term, left: ValueType, right: ValueType) -> ValueType:
        adds = {TEXT, BYTES, MAP, DURATION, TIME} if term.text == "+" else {DURATION, TIME} if term.text == "-" else set()
        for one, kind in zip(term.parts, (left, right), strict=True):
            if flat(kind) not in (ANY, *NUMBERS, *adds):
                return self._wrong(
                    one, f"`{term.text}` is for numbers{', texts and lists' * (term.text == '+')}, and this is {phrase(kind)}"
                )
        if ANY in (left, right):
            return ANY
        if {flat(left), flat(right)} <= {DURATION, TIME}:
            return DURATION if left == right else TIME
        same = NUMBER in (left, right) and {left, right} <= NUMBERS if isinstance(left, str) and isinstance(right, str) else False
        if not (same or flat(left) == flat(right)):
            return self._wrong(
                term, f"`{term.text}` is asked of {phrase(left)} and {phrase(right)}; write `double(…)`, `int(…)` or `string(…)`"
            )
        return left if left == right else ANY


def _comparable(left: ValueType, right: ValueType) -> bool:
    """May these ever be equal?"""
    if isinstance(left, str) and isinstance(right, str):
        return left == right or bool({ANY, NULL} & {left, right}) or {left, right} <= NUMBERS
    if ANY in (left, right) or NULL in (left, right):
        return True
    return (
        isinstance(left, ListOf) == isinstance(right, ListOf)
        if not isinstance(left, str) and not isinstance(right, str)
        else MAP in (left, right)
    )
