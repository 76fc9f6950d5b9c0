"""The differences that are known and accepted, each with its reason: `accepted_differences.yaml`."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from harness.files.problems import Problems, SourceFile, SourceLocation
from harness.files.yaml_tree import Items, Scalar, Table, read_yaml

FILE = Path(__file__).with_name("accepted_differences.yaml")
TABLE_HEAD = ("| name | where | what | reason |", "|---|---|---|---|")

DifferenceKind = Literal["missing", "extra", "order"]
"""For an entry: missing from the other run, extra in it, or at another place. For a count: fewer or more in the other run."""


class AcceptedDifference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One accepted difference. `lanes`, `words` and `roles` are patterns (`*`, `?`, `[...]`), of which one must fit.

    `kinds` are the kinds of difference that are accepted; `last: false` accepts none at a lane's end; `within` is how far two
    counts may be apart; `scenarios` are patterns of the run's scenario.
    """

    name: str
    lanes: tuple[str, ...]
    words: tuple[str, ...]
    kinds: tuple[DifferenceKind, ...]
    reason: str
    roles: tuple[str, ...] = ("*",)
    scenarios: tuple[str, ...] = ("*",)
    last: bool = True
    within: int | None = None


class Differing(Protocol):
    """The fields of a difference that decide whether it is accepted."""

    @property
    def role(self) -> str: ...  # noqa: D102 - told by the class that has it
    @property
    def lane(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> DifferenceKind: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def last(self) -> bool: ...  # noqa: D102
    @property
    def amounts(self) -> tuple[int, int]: ...  # noqa: D102


def accepting(accepted: Iterable[AcceptedDifference], difference: Differing, *, symmetric: bool) -> str:
    """The name of the first accepted difference that matches; empty if none does.

    `symmetric`: neither run is the reference, so `missing` also accepts `extra` and vice versa.
    """
    kinds = {difference.kind, _MIRRORED[difference.kind]} if symmetric else {difference.kind}
    return next((each.name for each in accepted if kinds & set(each.kinds) and _fits(each, difference)), "")


_MIRRORED: dict[DifferenceKind, DifferenceKind] = {"missing": "extra", "extra": "missing", "order": "order"}


def _fits(accepted: AcceptedDifference, difference: Differing) -> bool:
    apart = abs(difference.amounts[0] - difference.amounts[1])
    return (
        _matches(accepted.lanes, difference.lane)
        and _matches(accepted.words, difference.text)
        and _matches(accepted.roles, difference.role)
        and (accepted.last or not difference.last)
        and (accepted.within is None or apart <= accepted.within)
    )


def for_scenarios(accepted: Iterable[AcceptedDifference], names: Iterable[str]) -> tuple[AcceptedDifference, ...]:
    """The accepted differences that apply to one of these scenarios."""
    told = tuple(names)
    return tuple(each for each in accepted if any(_matches(each.scenarios, name) for name in told))


def _matches(patterns: Sequence[str], text: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def load_accepted(path: Path = FILE) -> tuple[AcceptedDifference, ...]:
    """The accepted differences of a file; BadFilesError, with places, where it is none."""
    problems = Problems()
    tree = read_yaml(path, problems)
    problems.raise_if_any()
    if not isinstance(tree, Items):
        problems.add(SourceLocation(SourceFile(str(path))), "a list of accepted differences is expected")
    found = [_accepted(value, problems) for value in tree.values] if isinstance(tree, Items) else []
    problems.raise_if_any()
    return tuple(each for each in found if each)


def _accepted(value: Any, problems: Problems) -> AcceptedDifference | None:
    try:
        return msgspec.convert(_plain(value), AcceptedDifference, strict=False)
    except msgspec.ValidationError as error:
        problems.add(value.place, f"not an accepted difference: {error}")
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, Scalar):
        return value.text
    if isinstance(value, Items):
        return [_plain(each) for each in value.values]
    return {key: _plain(each) for key, each in value.values.items()} if isinstance(value, Table) else value


def markdown_table(accepted: Iterable[AcceptedDifference]) -> str:
    """The accepted differences as the table of docs/fidelity.md."""
    return "\n".join([*TABLE_HEAD, *(_row(each) for each in accepted)])


def _row(accepted: AcceptedDifference) -> str:
    where = _code(accepted.lanes)
    where += "" if accepted.roles == ("*",) else f" of {_code(accepted.roles)}"
    where += "" if accepted.scenarios == ("*",) else f" in {_code(accepted.scenarios)}"
    limit = "" if accepted.within is None else f", by up to {accepted.within}"
    kinds = ", ".join(accepted.kinds) + limit + ("" if accepted.last else ", not at the end")
    return f"| {accepted.name} | {where} | {kinds}: {_code(accepted.words)} | {' '.join(accepted.reason.split())} |"


def _code(patterns: Iterable[str]) -> str:
    return ", ".join(f"`{pattern}`" for pattern in patterns)
