"""The pre-flight: checks that are judged before anything is done, over what was seen up to then."""

import importlib
import pkgutil

from harness import checks
from harness.journal.facts import Body, Expectation
from harness.judgement import Judgement
from harness.verdict.judge import run_check
from harness.world.world import World


def preflight_checks() -> list[str]:
    """The words of all checks that are marked `PREFLIGHT`."""
    names = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    return [name for name in names if getattr(importlib.import_module(f"harness.checks.{name}"), "PREFLIGHT", False)]


def examine(world: World, arguments: Body | None = None) -> list[tuple[str, Judgement]]:
    """What every pre-flight check says of the world now."""
    expectations = [Expectation(check=word, arguments=arguments or {}) for word in preflight_checks()]
    return [(item.check, judgement) for item in expectations for judgement in run_check(item, world, [])]
