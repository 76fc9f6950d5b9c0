"""A word as its module declares it: its signature is its schema, the first line of the module's docstring its promise.

- a step is `async def step(bench, *, argument: type = default) -> None`
- a fault is `@asynccontextmanager async def fault(bench, *, argument: type = default)`
- a check is `def check(world, *, argument: type = default)`
"""

import inspect
from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any, get_type_hints

import msgspec

from harness.errors import BadWordError
from harness.files.author_errors import cause_of
from harness.files.binding import Field, bindable, phrase
from harness.files.words import Role, WordFile

SHAPES = {
    "step": "async def step(bench, *, ...)",
    "fault": "@asynccontextmanager async def fault(bench, *, ...)",
    "check": "def check(world, *, ...)",
}


class Word(msgspec.Struct, frozen=True):
    """One word, imported: `function` is what to call with the bench (or world) and the arguments by name."""

    file: WordFile
    promise: str
    text: str
    arguments: tuple[Field, ...]
    defaults: dict[str, Any]
    function: Callable[..., Any]

    @property
    def role(self) -> Role:
        """What it is."""
        return self.file.role

    @property
    def name(self) -> str:
        """Its name in scenarios."""
        return self.file.name


def declared(file: WordFile) -> Word:
    """The word of a module. BadWordError, with file and line, where it does not keep the contract."""
    function = getattr(file.module, file.role, None)
    if not inspect.isfunction(function):
        raise BadWordError(f"{file.file}:1: this {file.role} has no function `{file.role}`; write `{SHAPES[file.role]}`")
    return _declared(file, function)


@lru_cache(maxsize=1024)
def _declared(file: WordFile, function: Callable[..., Any]) -> Word:
    text = inspect.getdoc(file.module) or ""
    if not text:
        raise BadWordError(f"{file.file}:1: there is no docstring; its first line is the word's promise")
    place = f"{file.file}:{line_of(function)}"
    if not _has_shape(file.role, function):
        raise BadWordError(f"{place}: `{file.role}` must be `{SHAPES[file.role]}`")
    arguments, defaults = _arguments(place, function)
    return Word(file, text.splitlines()[0], text, arguments, defaults, function)


def line_of(function: Callable[..., Any]) -> int:
    """Where a function begins in its file, its decorators included."""
    code: CodeType = inspect.unwrap(function).__code__
    return code.co_firstlineno


def _has_shape(role: Role, function: Callable[..., Any]) -> bool:
    """Can it be called as a word of this role is called?"""
    first = next(iter(inspect.signature(function).parameters.values()), None)
    if first is None or first.kind not in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD):
        return False
    if role == "step":
        return inspect.iscoroutinefunction(function)
    return not inspect.iscoroutinefunction(function) and not inspect.isasyncgenfunction(function)


def _arguments(place: str, function: Callable[..., Any]) -> tuple[tuple[Field, ...], dict[str, Any]]:
    """The keyword-only parameters; in YAML a Python keyword is written without its trailing underscore (`from_` is `from`)."""
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception as error:
        raise BadWordError(f"{place}: an annotation cannot be resolved: {cause_of(error)}") from error
    parameters = list(inspect.signature(function).parameters.values())[1:]
    fields: list[Field] = []
    for parameter in parameters:
        kind = hints.get(parameter.name)
        if parameter.kind is not parameter.KEYWORD_ONLY:
            raise BadWordError(f"{place}: `{parameter.name}` must stand behind a `*`")
        if kind is None:
            raise BadWordError(
                f"{place}: `{parameter.name}` has no type; write one that YAML can give, like `{parameter.name}: str`"
            )
        if not bindable(kind):
            raise BadWordError(f"{place}: `{parameter.name}` needs a type that YAML can give, not {phrase(kind)}")
        fields.append(Field(parameter.name.rstrip("_"), parameter.name, kind, parameter.default is parameter.empty))
    defaults = {it.name.rstrip("_"): it.default for it in parameters if it.default is not it.empty}
    return tuple(fields), defaults
