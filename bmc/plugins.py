"""Parts that are found by their file: each module of a folder is one, and its file name is its name. Nowhere is a list of them.

A folder of ours is a package (`Modules`, `Plugins`); somebody else's is a directory (`in_directory`) or an installed package that names its
parts by entry points (`installed`). What is wrong with somebody else's part is told as theirs: PluginError.
"""

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterator, Mapping
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any, TypeVar

Plugin = TypeVar("Plugin")


class PluginError(Exception):
    """A part that cannot be used; the text names its file and line, and what is wrong or missing."""


class Modules(Mapping[str, ModuleType]):
    """The modules of a package by their names, in alphabetical order; each is imported when it is asked for.

    A module whose name begins with `_` is none; a trailing `_` stands for a word that Python keeps for itself (`import_`).
    """

    def __init__(self, package: ModuleType) -> None:
        self._package = package

    def __getitem__(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self._package.__name__}.{self._files()[name]}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._files())

    def __len__(self) -> int:
        return len(self._files())

    def __contains__(self, name: object) -> bool:
        return name in self._files()

    def _files(self) -> dict[str, str]:
        return {name.rstrip("_"): name for name in sorted(_modules_in(*self._package.__path__))}


class Plugins(Mapping[str, Plugin]):
    """What each module of a package offers under the name `attribute`, by the module's name; imported when it is asked for."""

    def __init__(self, package: ModuleType, attribute: str, kind: type[Plugin]) -> None:
        self._modules, self._attribute, self._kind = Modules(package), attribute, kind

    def __getitem__(self, name: str) -> Plugin:
        return part(self._modules[name], self._attribute, self._kind)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, name: object) -> bool:
        return name in self._modules


def part(module: ModuleType, attribute: str, kind: type[Plugin]) -> Plugin:
    """What a module offers under this name. Raises PluginError where there is no such thing of this type."""
    found = getattr(module, attribute, None)
    if not isinstance(found, kind):
        raise PluginError(f"{module.__file__}: `{attribute}`, a {kind.__name__}, is missing here")
    return found


def in_directory(directory: str, prefix: str) -> dict[str, ModuleType]:
    """Every module in a directory, imported as `prefix.NAME`. Raises PluginError for the first that cannot be imported."""
    found: dict[str, ModuleType] = {}
    for name, finder in _modules_in(directory).items():
        spec = finder.find_spec(f"{prefix}.{name}", None)
        if spec is None or spec.loader is None:
            continue
        found[name] = sys.modules[spec.name] = module_from_spec(spec)
        try:
            spec.loader.exec_module(found[name])
        except Exception as error:
            del sys.modules[spec.name]
            raise PluginError(f"{_place(error, str(spec.origin))}: {type(error).__name__}: {error}") from error
    return found


def installed(group: str) -> dict[str, Any]:
    """What installed packages bring under this group of entry points. Raises PluginError for the first that cannot be imported."""
    from importlib import metadata

    found: dict[str, Any] = {}
    for point in metadata.entry_points(group=group):
        try:
            found[point.name] = point.load()
        except Exception as error:
            raise PluginError(f"{group}: {point.name} = {point.value}: {type(error).__name__}: {error}") from error
    return found


def _modules_in(*directories: str) -> dict[str, Any]:
    """Name -> finder of each module in these directories."""
    return {it.name: it.module_finder for it in pkgutil.iter_modules(directories) if not it.name.startswith("_")}


def _place(error: Exception, file: str) -> str:
    """`file:line` of a failed import: where its text is wrong, or the last line of that file that was reached."""
    if isinstance(error, SyntaxError) and error.lineno:
        return f"{error.filename}:{error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{file}:{lines[-1]}" if lines else file
