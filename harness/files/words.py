"""Where words are, and how one is imported: a module in a folder `steps`, `faults` or `checks` is a word, its file name is its name.

No registry: a word is found by its file and imported when it is asked for. Words come from three kinds of places, all laid out alike:

- the harness itself: `harness/steps`, `harness/faults`, `harness/checks`
- installed packages: each entry point of the group `metal3_pivot_harness.words` names a package that has those folders
- directories that a user names, by `--words DIR` or by `words:` in a lab file; their modules import one another relatively
"""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import msgspec

from harness.errors import BadWordError, UsageError
from harness.files.author_errors import explain_author_error

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Role = Literal["step", "fault", "check"]
ROLES: tuple[Role, ...] = ("step", "fault", "check")
FOLDERS: Mapping[Role, str] = {"step": "steps", "fault": "faults", "check": "checks"}
FAMILIES = "families"
"""The folder of a directory of words that holds families of BMCs, one a file, as `bmc/witness/families` does."""
ENTRY_POINTS = "metal3_pivot_harness.words"
INSTALLED = "the installed package "


class WordSource(msgspec.Struct, frozen=True):
    """One place of words: a package, and the directories it lies in. `origin` is what a user calls it; empty: the harness itself."""

    package: str
    roots: tuple[Path, ...]
    origin: str = ""

    def names(self, role: Role) -> list[str]:
        """The words of a role; nothing is imported."""
        folders = [str(root / FOLDERS[role]) for root in self.roots]
        return [it.name for it in pkgutil.iter_modules(folders) if not it.name.startswith("_")]

    def file(self, role: Role, name: str) -> Path:
        """Where a word stands."""
        candidates = [root / FOLDERS[role] / tail for root in self.roots for tail in (f"{name}.py", f"{name}/__init__.py")]
        return next((path for path in candidates if path.exists()), candidates[0])


class WordFile(msgspec.Struct, frozen=True):
    """One word, imported. `origin` is empty for a word of the harness itself."""

    role: Role
    name: str
    origin: str
    file: Path
    module: ModuleType

    @property
    def label(self) -> str:
        """Its role and its name, as a journal keeps them."""
        return f"{self.role} {self.name}"


class WordFiles:
    """All words that there are: those of the harness, those of installed packages, and those of the given directories.

    `broken` says which installed packages cannot be read. UsageError where a directory holds no words.
    """

    def __init__(self, directories: Iterable[Path] = (), *, sources: Iterable[WordSource] | None = None) -> None:
        self.broken: list[str] = []
        self._listed: dict[tuple[WordSource, Role], list[str]] = {}
        self._known: dict[tuple[Role, str, bool | None], WordFile] = {}
        # A directory may be named by the lab file and on the command line too.
        self._directories = list({directory.resolve(): directory for directory in directories}.values())
        found = [shipped_source(), *self._installed()] if sources is None else [*sources]
        self._sources = [*found, *(directory_source(directory) for directory in self._directories)]

    def names(self, role: Role) -> list[str]:
        """Every word of a role, sorted; nothing is imported."""
        return sorted({name for source in self._sources for name in self._names(source, role)})

    def find(self, role: Role, name: str, *, shipped: bool | None = None) -> WordFile:
        """Import a word; with `shipped` only one of the harness itself, or only one that is not.

        Raises KeyError where there is none of that name, BadWordError where its module is wrong or where there are two.
        """
        key = (role, name, shipped)
        if key not in self._known:
            self._known[key] = self._import(role, name, shipped)
        return self._known[key]

    def _import(self, role: Role, name: str, shipped: bool | None) -> WordFile:
        chosen = [source for source in self._sources if shipped is None or shipped is not bool(source.origin)]
        holders = [source for source in chosen if name in self._names(source, role)]
        if not holders:
            raise KeyError(name)
        first, *others = (source.file(role, name) for source in holders)
        if others:
            raise BadWordError(f"{others[0]}:1: there is a {role} `{name}` already, in {first}; give yours another name")
        module = _imported(f"{holders[0].package}.{FOLDERS[role]}.{name}", first)
        return WordFile(role, name, holders[0].origin, first, module)

    def families(self) -> list[Path]:
        """The folders of BMC families that the given directories bring; an installed package has an entry point of its own for them."""
        return [folder for folder in (directory / FAMILIES for directory in self._directories) if folder.is_dir()]

    def texts(self, role: Role, name: str) -> list[str]:
        """The text of each file that is this word, for what can be told of one that cannot be imported."""
        files = [source.file(role, name) for source in self._sources if name in self._names(source, role)]
        return [file.read_bytes().decode(errors="replace") for file in files]

    def origins(self) -> dict[str, str]:
        """Role and name of each word that is not the harness' own, with where it comes from; for the journal."""
        named = [
            (f"{role} {name}", source.origin) for source in self._sources for role in ROLES for name in self._names(source, role)
        ]
        shipped = {label for label, origin in named if not origin}
        return {label: origin for label, origin in named if origin and label not in shipped}

    def _names(self, source: WordSource, role: Role) -> list[str]:
        """The words of a place; its folder is listed once, since a judgement asks for each word several times."""
        if (source, role) not in self._listed:
            self._listed[source, role] = source.names(role)
        return self._listed[source, role]

    def _installed(self) -> list[WordSource]:
        from importlib.metadata import entry_points

        found = []
        for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda it: (it.name, it.value)):
            try:
                found.append(installed_source(point))
            except BadWordError as error:
                self.broken.append(str(error))
        return found


@lru_cache(maxsize=8)
def _words_on(_: tuple[str, ...]) -> WordFiles:
    return WordFiles()


def words_without_directories() -> WordFiles:
    """The words of the harness and of what is installed, read once: for whoever judges many times."""
    return _words_on(tuple(sys.path))


def shipped_source() -> WordSource:
    """The harness' own words."""
    package = __name__.partition(".")[0]
    return WordSource(package, tuple(map(Path, sys.modules[package].__path__)))


def installed_source(point: "EntryPoint") -> WordSource:
    """The words of an installed package. BadWordError where there is no such package."""
    whose = f"{point.dist.name} {point.dist.version}" if point.dist else point.name
    try:
        spec = importlib.util.find_spec(point.value)
    except Exception as error:
        raise BadWordError(f"{INSTALLED}{whose}: `{point.value}` cannot be imported: {type(error).__name__}: {error}") from error
    if spec is None or spec.submodule_search_locations is None:
        raise BadWordError(f"{INSTALLED}{whose}: its entry point names the package `{point.value}`, and there is none")
    return WordSource(point.value, tuple(map(Path, spec.submodule_search_locations)), f"{INSTALLED}{whose}")


def directory_source(directory: Path) -> WordSource:
    """The words of a directory, as a package of its own. UsageError where it has none of the folders."""
    if not directory.is_dir():
        raise UsageError(
            f"{directory}: {'this is a file' if directory.is_file() else 'there is nothing'}; name a directory of words"
        )
    known = (*FOLDERS.values(), FAMILIES)
    if not any((directory / folder).is_dir() for folder in known):
        raise UsageError(f"{directory}: no words are in it; a directory of words has folders {', '.join(known)}")
    root = directory.resolve()
    package = f"words_{sha256(str(root).encode()).hexdigest()[:12]}"
    if package not in sys.modules:
        spec = ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(root)]
        sys.modules[package] = importlib.util.module_from_spec(spec)
    importlib.invalidate_caches()
    return WordSource(package, (directory,), str(directory))


def missing_word(label: str, origin: str) -> str:
    """That a word which a journal names is not here, and how to give it."""
    if not origin:
        return f"there is no {label} in this version"
    install = "install it, or " if origin.startswith(INSTALLED) else ""
    return f"{label} came from {origin}, and is not here; {install}give its directory by --words"


def _imported(path: str, file: Path) -> ModuleType:
    try:
        return importlib.import_module(path)
    except (Exception, SystemExit) as error:
        raise BadWordError(explain_author_error(error, file)) from error
