"""The grammar of scenario files: YAML to a tree, all words found and all arguments bound before anything is switched on.

A list is order; `together:` is concurrency; `under:` is a fault around steps; `within:` is a limit; `expect:` is what must hold.
No conditions, no variables, no templating: who needs those writes a step in Python.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

from harness.errors import BadWordError
from harness.files.binding import WRONG, Binder
from harness.files.declaration import Word
from harness.files.durations import Duration, HostName
from harness.files.problems import Problems, SourceLocation, quote
from harness.files.words import ROLES, Role
from harness.files.yaml_tree import Items, Scalar, Table, Value, read_yaml
from harness.journal.facts import Expectation
from harness.scenario.model import Block, Node, Scenario, Step, Together, Under, WordCall
from harness.scenario.promises import FORMS, PromiseReader, form_of
from harness.scenario.words import Words
from harness.verdict.promise import always_checks, promised_checks

TOP_KEYS = ("scenario", "says", "promise", "steps", "expect")
BESIDE_KEYS = ("within", "expect", "promise")
BELONGS: dict[Role, str] = {
    "step": "write `- {name}` in a list of steps",
    "fault": "write `- under: {name}`, and `steps:` beside it",
    "check": "write it in the list `expect:`",
}
"""Where a word of each role is written."""


def read_scenario(
    path: Path,
    problems: Problems,
    *,
    words: Words | None = None,
    hosts: Collection[str] = (),
    unwatched: Collection[str] = (),
) -> Scenario | None:
    """The scenario of this file, or None after adding what is wrong with it.

    `hosts` are the hosts that the lab file names; empty where they are only discovered later, and so cannot be checked yet.
    `unwatched` are the sights that this lab does not have, of which nothing can be promised.
    """
    tree = read_yaml(path, problems)
    if tree is None:
        return None
    if not isinstance(tree, Table):
        problems.add(tree.place, "a scenario is a table with `steps:`")
        return None
    before = len(problems)
    scenario = _Grammar(path, problems, words or Words(), hosts, unwatched).scenario(tree)
    return scenario if len(problems) == before else None


class _Grammar:
    """Reads one scenario; problems are collected, and what cannot be read is left out of the tree."""

    def __init__(self, path: Path, problems: Problems, words: Words, hosts: Collection[str], unwatched: Collection[str]) -> None:
        self._path = path
        self._problems = problems
        self._words = words
        self._hosts = hosts
        self._bind = Binder(problems, {HostName: self._host})
        self._promises = PromiseReader(problems, self._bind, unwatched, words.names("check"))
        self._expected: list[Expectation] = []

    def scenario(self, tree: Table) -> Scenario:
        self._known_keys(tree, TOP_KEYS, "a scenario")
        name, says = self._text(tree, "scenario") or self._path.stem, self._text(tree, "says")
        steps, steady = self._nodes(tree, "steps", ""), self._steady(tree)
        if "expect" in tree.values:
            self._expect(tree.values["expect"], "")
        else:
            self._expect_promise(tree, "", steady=steady)
        return Scenario(
            name=name,
            path=self._path,
            says=says,
            promise="steady" if steady else "move",
            steps=steps,
            expectations=tuple(self._expected),
        )

    def _steady(self, table: Table) -> bool:
        """Is it written here that hosts stay as they are also without a move?"""
        return "promise" in table.values and self._bind.value(table.values["promise"], Literal["steady"]) == "steady"

    def _expect_promise(self, table: Table, block: str, *, steady: bool) -> None:
        try:
            checks = promised_checks(self._words.files, "run", steady=steady)
            of_the_run = always_checks(self._words.files) if block else []
        except BadWordError as error:
            self._problems.add(table.place, f"without `expect:` every check is judged, and one cannot be read: {error}")
        else:
            wanted = [check for check in checks if check not in of_the_run]
            self._expected += [Expectation(check=check, block=block, steady=bool(block) and steady) for check in wanted]

    def _text(self, tree: Table, key: str) -> str:
        text = self._bind.value(tree.values[key], str) if key in tree.values else ""
        return "" if text is WRONG else str(text)

    def _known_keys(self, table: Table, known: Collection[str], what: str) -> None:
        for key, place in table.keys.items():
            if key not in known:
                self._problems.add(place, f"{quote(key)} is not a key of {what}", word=key, known=known)

    def _nodes(self, table: Table, key: str, path: str) -> tuple[Node, ...]:
        """The list of items under a key that must be there."""
        value = table.values.get(key)
        if value is None:
            self._problems.add(table.place, f"`{key}:` is missing; it is the list of what is done")
            return ()
        return self._list(value, path)

    def _list(self, value: Value, path: str) -> tuple[Node, ...]:
        if not isinstance(value, Items) or not value.values:
            self._problems.add(value.place, "this must be a list of steps, one `- ` each")
            return ()
        paths = (f"{path}.{number}" if path else str(number) for number in range(1, len(value.values) + 1))
        nodes = [self._node(item, item_path) for item, item_path in zip(value.values, paths, strict=True)]
        return tuple(node for node in nodes if node is not None)

    def _node(self, item: Value, path: str) -> Node | None:
        if isinstance(item, Items):
            return Block(path=path, place=str(item.place), nodes=self._list(item, path))
        if isinstance(item, Scalar):
            call = self._bare("step", item)
            return Step(path=path, place=str(item.place), call=call) if call else None
        return self._item(item, path)

    def _item(self, item: Table, path: str) -> Node | None:
        within = self._beside(item, path)
        head = self._head(item)
        if head is None:
            return None
        value, place = item.values[head], str(item.keys[head])
        if head == "together":
            return Together(path=path, place=place, nodes=self._list(value, path), within_seconds=within)
        if head == "under":
            fault, nodes = self._one("fault", value), self._nodes(item, "steps", path)
            return Under(path=path, place=place, fault=fault, nodes=nodes, within_seconds=within) if fault else None
        call = self._call("step", head, item.keys[head], value)
        return Step(path=path, place=place, call=call, within_seconds=within) if call else None

    def _head(self, item: Table) -> str | None:
        """The single word of an item; None, after adding a problem, if there is none or more than one."""
        beside = (*BESIDE_KEYS, "steps") if "under" in item.keys else BESIDE_KEYS
        heads = [key for key in item.keys if key not in beside]
        if len(heads) == 1:
            return heads[0]
        if not heads:
            self._problems.add(item.place, "an item needs a word: a step, `together:` or `under:`")
            return None
        words = self._known("step")
        head = next((key for key in heads if key in words), heads[0])
        if head not in words:
            self._word("step", head, item.keys[head])
            return None
        for key in heads:
            if key in words and key != head:
                self._problems.add(item.keys[key], "a second word in one item; write each behind a `- ` of its own")
            elif key != head:
                cause = f"{quote(key)} is no key beside `{head}:` (its arguments stand deeper than it)"
                self._problems.add(item.keys[key], cause, word=key, known=beside)
        return None

    def _beside(self, item: Table, path: str) -> float | None:
        """Read the keys beside a word: stores its expectations, returns its limit."""
        steady = self._steady(item)
        if "expect" in item.values:
            self._expect(item.values["expect"], path, steady=steady)
        elif steady:
            self._expect_promise(item, path, steady=True)
        if "within" not in item.values:
            return None
        within = self._bind.value(item.values["within"], Duration)
        if within == 0:
            self._problems.add(item.values["within"].place, "a limit must be longer than nothing")
        return None if within is WRONG else float(within)

    def _expect(self, value: Value, block: str, *, steady: bool = False) -> None:
        if not isinstance(value, Items) or not value.values:
            self._problems.add(value.place, "`expect:` is a list of checks, one `- ` each")
            return
        for item in value.values:
            expected = self._expectation(item, block, steady=steady)
            if expected:
                self._expected.append(expected)

    def _expectation(self, item: Value, block: str, *, steady: bool) -> Expectation | None:
        """A check with its arguments, or a promise of one's own."""
        form = form_of(item)
        if form and isinstance(item, Table):
            return self._promises.read(item, form, block, steady=steady)
        call = self._one("check", item)
        return Expectation(check=call.word.name, arguments=call.arguments, block=block, steady=steady) if call else None

    def _one(self, role: Role, item: Value) -> WordCall | None:
        """A bare word, or a table of one word with its arguments."""
        if isinstance(item, Scalar):
            return self._bare(role, item)
        if not isinstance(item, Table) or len(item.keys) != 1:
            self._problems.add(item.place, f"one {role} is wanted here: its word, or {{word: arguments}}")
            return None
        ((name, place),) = item.keys.items()
        return self._call(role, name, place, item.values[name])

    def _bare(self, role: Role, item: Scalar) -> WordCall | None:
        if item.is_null:
            self._problems.add(item.place, f"a {role} is missing here")
            return None
        return self._call(role, item.text, item.place, None)

    def _call(self, role: Role, name: str, place: SourceLocation, value: Value | None) -> WordCall | None:
        word = self._word(role, name, place)
        if word is None:
            return None
        arguments = self._arguments(word, place, value)
        return None if arguments is WRONG else WordCall(word, arguments)

    def _word(self, role: Role, name: str, place: SourceLocation) -> Word | None:
        try:
            return self._words.find(role, name)
        except KeyError:
            self._no_such_word(role, name, place)
        except BadWordError as error:
            self._problems.add(place, str(error))
        return None

    def _no_such_word(self, role: Role, name: str, place: SourceLocation) -> None:
        """A word of another role is told where it belongs; any other gets the nearest of this role."""
        other = next((it for it in ROLES if name in self._words.names(it)), None)
        if other is None:
            self._problems.add(place, f"there is no {role} {quote(name)}", word=name, known=self._known(role))
        else:
            self._problems.add(place, f"{quote(name)} is a {other}; {BELONGS[other].format(name=name)}")

    def _known(self, role: Role) -> list[str]:
        """The words that may stand there; also the grammar's own."""
        own = {"step": ["together", "under"], "fault": [], "check": list(FORMS)}
        return self._words.names(role) + own[role]

    def _arguments(self, word: Word, place: SourceLocation, value: Value | None) -> Any:
        what = f"`{word.name}`"
        if value is None or (isinstance(value, Scalar) and value.is_null):
            return self._bind.table(Table(place, {}, {}), word.arguments, what)
        if isinstance(value, Table):
            given = Table(place, value.keys, value.values)
            return self._bind.table(given, word.arguments, what)
        if not word.arguments:
            return self._bind.wrong(value, f"{what} takes no arguments")
        first = word.arguments[0].name
        return self._bind.table(Table(place, {first: value.place}, {first: value}), word.arguments, what)

    def _host(self, value: Value) -> Any:
        name = self._bind.value(value, str)
        if name is WRONG or not self._hosts or name in self._hosts:
            return name
        return self._bind.wrong(value, f"the lab has no host {quote(name)}", word=name, known=self._hosts)


def load_scenario(path: Path, words: Words | None = None) -> Scenario:
    """The scenario of this file; BadFilesError, with every problem in it, where anything is wrong."""
    problems = Problems()
    scenario = read_scenario(path, problems, words=words)
    problems.raise_if_any()
    if scenario is None:
        raise AssertionError(f"{path} was refused without a problem")
    return scenario
