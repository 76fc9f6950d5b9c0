"""The classes of the catalogue, found by their files."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from types import ModuleType

import msgspec

from harness import catalogue
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected
from harness.catalogue.planting.good_run import MOMENTS, GoodRun, MoveMoment

Variants = Callable[[GoodRun], list[str]]
DURING_AND_AFTER: tuple[MoveMoment, ...] = tuple(moment for moment in MOMENTS if moment != "before")
"""When a defect breaks the promise: from the move's begin on."""


class DefectClass(msgspec.Struct, frozen=True):
    """One class: its word, the rule that finds it, when and in which forms it is planted, and its benign twin, if it has one."""

    word: str
    rule: str
    says: str
    moments: tuple[MoveMoment, ...]
    plant: Callable[[Draft], Expected]
    variants: Variants
    twin: Callable[[Draft], None] | None
    twin_variants: Variants


class NoClassError(Exception):
    """A word that names no class of the catalogue."""


def words() -> list[str]:
    """Every class's word, sorted; nothing is imported."""
    return sorted(module.name for module in pkgutil.iter_modules(catalogue.__path__) if not module.ispkg)


def load(word: str) -> DefectClass:
    """The class of a word; NoClassError where there is none."""
    if word not in words():
        raise NoClassError(word)
    return class_of(word, importlib.import_module(f"harness.catalogue.{word}"))


def class_of(word: str, module: ModuleType) -> DefectClass:
    """The class that a module states."""
    return DefectClass(
        word=word,
        rule=module.RULE,
        says=(inspect.getdoc(module) or "").splitlines()[0],
        moments=getattr(module, "MOMENTS", DURING_AND_AFTER),
        plant=module.plant,
        variants=variants_of(getattr(module, "VARIANTS", ())),
        twin=getattr(module, "twin", None),
        twin_variants=variants_of(getattr(module, "TWINS", ())),
    )


def variants_of(stated: tuple[str, ...] | Variants) -> Variants:
    """The forms that a module states: a tuple, or a function of the run; one without a name where it states none."""
    if callable(stated):
        return stated
    return lambda _: list(stated) or [""]
