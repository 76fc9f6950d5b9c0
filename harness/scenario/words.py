"""The words of scenarios: a module in steps, faults or checks is a word, and its file name is the name of the word.

No registry: a word is found by its file and imported when it is asked for. Its signature is its schema, the first line of its
docstring its promise.

- a step is `async def step(bench, *, argument: type = default) -> None`
- a fault is `@asynccontextmanager async def fault(bench, *, argument: type = default)`
- a check is `def check(world, *, argument: type = default)`
"""

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, Literal, get_type_hints

import msgspec

from harness.errors import BadWordError
from harness.files.binding import Field, bindable, phrase
from harness.scenario.promises import PIVOT

Role = Literal["step", "fault", "check"]

PACKAGES: Mapping[Role, str] = {"step": "harness.steps", "fault": "harness.faults", "check": "harness.checks"}


class Word(msgspec.Struct, frozen=True):
    """One word, imported: `function` is what to call with the bench (or world) and the arguments by name."""

    role: Role
    name: str
    promise: str
    text: str
    arguments: tuple[Field, ...]
    defaults: dict[str, Any]
    function: Callable[..., Any]


class Words:
    """All words that there are, in the packages of the three roles; each is imported when it is asked for.

    `promise` are the checks that a scenario expects when it names none.
    """

    def __init__(self, packages: Mapping[Role, str] = PACKAGES, promise: Sequence[str] = PIVOT) -> None:
        self._packages = packages
        self.promise = tuple(promise)

    def names(self, role: Role) -> list[str]:
        """Every word of a role, sorted; nothing is imported."""
        try:
            package = importlib.util.find_spec(self._packages[role])
        except ModuleNotFoundError:
            package = None
        folders = (package.submodule_search_locations if package else None) or []
        return sorted(it.name for it in pkgutil.iter_modules(folders) if not it.name.startswith("_"))

    def find(self, role: Role, name: str) -> Word:
        """Import a word. Raises KeyError where there is none of that name, BadWordError where its module is wrong."""
        if name not in self.names(role):
            raise KeyError(name)
        path = f"{self._packages[role]}.{name}"
        try:
            module = importlib.import_module(path)
        except Exception as error:
            raise BadWordError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
        return _word(role, name, module)

    def everything(self) -> list[Word]:
        """Every word, steps first, then faults, then checks."""
        return [self.find(role, name) for role in self._packages for name in self.names(role)]


def _word(role: Role, name: str, module: ModuleType) -> Word:
    function = getattr(module, role, None)
    text = inspect.getdoc(module) or ""
    if not callable(function):
        raise BadWordError(f"{module.__name__} has no function `{role}`")
    if not text:
        raise BadWordError(f"{module.__name__} has no docstring; its first line is the word's promise")
    if role == "step" and not inspect.iscoroutinefunction(function):
        raise BadWordError(f"{module.__name__}: `step` must be `async def`")
    arguments, defaults = _arguments(module.__name__, function)
    return Word(role, name, text.splitlines()[0], text, arguments, defaults, function)


def _arguments(place: str, function: Callable[..., Any]) -> tuple[tuple[Field, ...], dict[str, Any]]:
    """The keyword-only parameters; in YAML a Python keyword is written without its trailing underscore (`from_` is `from`)."""
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception as error:
        raise BadWordError(f"{place}: an annotation cannot be resolved: {error}") from error
    parameters = list(inspect.signature(function).parameters.values())[1:]
    fields: list[Field] = []
    for parameter in parameters:
        kind = hints.get(parameter.name)
        if parameter.kind is not parameter.KEYWORD_ONLY:
            raise BadWordError(f"{place}: `{parameter.name}` must stand behind a `*`")
        if kind is None or not bindable(kind):
            raise BadWordError(f"{place}: `{parameter.name}` needs a type that YAML can give, not {phrase(kind)}")
        fields.append(Field(parameter.name.rstrip("_"), parameter.name, kind, parameter.default is parameter.empty))
    defaults = {it.name.rstrip("_"): it.default for it in parameters if it.default is not it.empty}
    return tuple(fields), defaults
