"""YAML with locations: a tree of scalars, lists and tables, each with its line and column.

Except in manifests only plain YAML is accepted: one document, no aliases, no tags, no duplicate keys. What a scalar means is
decided by who reads it, so that `off` can be the name of a power state and `1e3` the name of a host.
"""

import re
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import yaml

from harness.files.problems import Problems, SourceFile, SourceLocation, nearest, printable, quote

FILE_BYTES_MAX = 1 << 20
LARGE_BYTES_MAX = 64 << 20
NESTING_MAX = 40
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "seq", "map")
)

CAUSES = (
    (r"character '\\t'", "a tab stands where YAML wants spaces"),
    (r"mapping values are not allowed", "a `:` stands where no key can be; check the indentation, or quote the text"),
    (r"could not find expected ':'", "this key has no `:` after it"),
    (r"expected <block end>", "the indentation does not fit the lines above"),
    (r"expected ',' or '\}'", "a `{` is not closed, or a comma is missing"),
    (r"expected ',' or '\]'", "a `[` is not closed, or a comma is missing"),
    (r"end of stream", "the file ends inside a quoted text or a bracket"),
    (r"expected a single document", "one document a file: a second one begins here"),
    (r"unknown escape character", "this escape is unknown; write a backslash twice, or use single quotes"),
    (r"that cannot start any token", "this character cannot begin a value; put the text in quotes"),
    (r"found undefined tag handle", "tags are not taken here; write the value alone"),
)
"""PyYAML's words for what is wrong, and ours for people who did not write a YAML parser."""


class Scalar(msgspec.Struct, frozen=True):
    """One word or text; `plain` when it was written without quotes."""

    place: SourceLocation
    text: str
    plain: bool

    @property
    def is_null(self) -> bool:
        """Nothing was written there, or `null`."""
        return self.plain and self.text in NULLS


class Items(msgspec.Struct, frozen=True):
    """A list, in its order."""

    place: SourceLocation
    values: tuple[Any, ...]


class Table(msgspec.Struct, frozen=True):
    """A mapping, in its order; `keys` has the place of each key, `values` what stands under it."""

    place: SourceLocation
    keys: dict[str, SourceLocation]
    values: dict[str, Any]


Value = Scalar | Items | Table


def read_yaml(path: Path, problems: Problems) -> Value | None:
    """The tree of a YAML file; None, with the problem added, where the file cannot be read or is no plain YAML.

    A key that appears twice is a problem, and the tree goes on with its first value.
    """
    text = _read_text(path, problems)
    if text is None:
        return None
    source = SourceFile(str(path), tuple(re.split(r"\r\n|[\r\n\x85\u2028\u2029]", text)))
    try:
        node = _Composer(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.add(_location_of(source, mark, None), _cause(error))
        return None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        problems.add(_place_of_offset(source, before), "this is not text: a control character stands here")
        return None
    if node is None:
        problems.add(SourceLocation(source), "the file is empty")
        return None
    return _Tree(source, problems).value(node)


def read_documents(path: Path, problems: Problems, *, large: bool = False) -> list[tuple[SourceLocation, Any]]:
    """Every document of a YAML file as plain values, with the place where it begins; what is no YAML becomes a problem.

    Such a file may hold secrets, so its places have no excerpts. A `large` one, as of definitions, is read by libyaml where there is one.
    """
    source, found = SourceFile(str(path)), []
    text = _read_text(path, problems, LARGE_BYTES_MAX if large else FILE_BYTES_MAX) or ""
    try:
        loader = _FastObjects(text) if large else _Objects(text)
        while loader.check_node() and (node := loader.get_node()) is not None:
            place = SourceLocation(source, node.start_mark.line + 1, node.start_mark.column + 1)
            found.append((place, loader.construct_document(node)))
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        mark = getattr(error, "problem_mark", None)
        place = SourceLocation(source, mark.line + 1, mark.column + 1) if mark else SourceLocation(source)
        problems.add(place, _cause(error) if isinstance(error, yaml.MarkedYAMLError) else "this is not text")
    return found


def _read_text(path: Path, problems: Problems, bytes_max: int = FILE_BYTES_MAX) -> str | None:
    source = SourceFile(str(path))
    try:
        with path.open("rb") as file:
            data = file.read(bytes_max + 1)
    except FileNotFoundError:
        beside = {it.stem: str(it) for it in path.parent.glob("*.yaml")} if path.parent.is_dir() else {}
        # Folder and ending are alike in all of them, so only the names are compared.
        meant = beside.get(nearest(path.stem, beside))
        offer = f'; did you mean "{printable(meant)}"?' if meant else ""
        problems.add(SourceLocation(source), f"there is no such file{offer}")
        return None
    except IsADirectoryError:
        problems.add(SourceLocation(source), "this is a directory; name a file in it")
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        problems.add(SourceLocation(source), f"the file cannot be read: {reason}")
        return None
    if len(data) > bytes_max:
        problems.add(SourceLocation(source), f"the file is longer than {bytes_max >> 20} MiB; name a lab or scenario file")
        return None
    return _decode(source, data, problems)


def _decode(source: SourceFile, data: bytes, problems: Problems) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        problems.add(_place_of_offset(source, before), "this is not text in UTF-8; is it the right file?")
        return None


def _place_of_offset(source: SourceFile, before: str) -> SourceLocation:
    lines = re.split(r"\r\n|[\r\n\x85\u2028\u2029]", before)
    return SourceLocation(source, len(lines), len(lines[-1]) + 1)


def _location_of(source: SourceFile, mark: yaml.Mark | None, end: yaml.Mark | None) -> SourceLocation:
    if mark is None:
        return SourceLocation(source)
    width = end.column - mark.column if end is not None and end.line == mark.line else 1
    return SourceLocation(source, min(mark.line + 1, max(1, len(source.lines))), mark.column + 1, max(1, width))


def _cause(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "it cannot be read"
    if isinstance(error, _NotPlainError):
        return problem
    known = (ours for pattern, ours in CAUSES if re.search(pattern, f"{error.context}, {problem}"))
    return next(known, f"this is not YAML: {problem}")


class _NotPlainError(yaml.MarkedYAMLError):
    """YAML, but not the plain kind that is taken here."""


class _Composer(yaml.SafeLoader):
    """PyYAML's composer without aliases and with a limit to nesting, both of which could make a small file endless."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            self._refuse("an alias is no plain value; write it out")
        if self.depth >= NESTING_MAX:
            self._refuse(f"nested deeper than {NESTING_MAX} levels")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def _refuse(self, cause: str) -> NoReturn:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        raise _NotPlainError(problem=cause, problem_mark=event.start_mark)


class _Objects(yaml.SafeLoader):
    """PyYAML's loader for objects of Kubernetes, to whom a date is a text."""


class _FastObjects(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """The same, by libyaml: definitions of megabytes are read in a second."""


_Objects.yaml_implicit_resolvers = _FastObjects.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Tree:
    """PyYAML's nodes made into ours."""

    def __init__(self, source: SourceFile, problems: Problems) -> None:
        self._source = source
        self._problems = problems

    def value(self, node: yaml.Node) -> Value:
        place = _location_of(self._source, node.start_mark, node.end_mark)
        if node.tag not in PLAIN_TAGS:
            self._problems.add(place, f"tags like {quote(node.tag)} are not taken here; write the value alone")
        if isinstance(node, yaml.SequenceNode):
            return Items(place, tuple(self.value(item) for item in node.value))
        if isinstance(node, yaml.MappingNode):
            return self._table(place, node)
        return Scalar(place, str(node.value), getattr(node, "style", None) is None)

    def _table(self, place: SourceLocation, node: yaml.MappingNode) -> Table:
        keys: dict[str, SourceLocation] = {}
        values: dict[str, Value] = {}
        for key_node, value_node in node.value:
            key = self.value(key_node)
            if not isinstance(key, Scalar):
                self._problems.add(key.place, "a key must be a word, not a list or a table")
            elif key.text in keys:
                self._problems.add(key.place, f"{quote(key.text)} appears twice; it is first in line {keys[key.text].line}")
            else:
                keys[key.text] = key.place
                values[key.text] = self.value(value_node)
        return Table(place, keys, values)
