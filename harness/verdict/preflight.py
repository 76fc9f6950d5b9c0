"""The pre-flight: checks that are judged before anything is done, over what was seen up to then."""

from harness.files.declaration import declared
from harness.files.words import WordFiles, words_without_directories
from harness.journal.facts import Body, Expectation
from harness.judgement import Judgement
from harness.verdict.judge import run_check
from harness.verdict.promise import preflight_checks
from harness.world.world import World


def preflight_expectations(words: WordFiles, arguments: Body | None = None, block: str = "") -> list[Expectation]:
    """What the pre-flight promises: every check that is marked for it, with those of the arguments that it takes."""
    return [
        Expectation(check=name, arguments=_taken(words, name, arguments or {}), block=block) for name in preflight_checks(words)
    ]


def examine(world: World, arguments: Body | None = None, words: WordFiles | None = None) -> list[tuple[str, Judgement]]:
    """What every pre-flight check says of the world now."""
    words = words or words_without_directories()
    expectations = preflight_expectations(words, arguments)
    return [(item.check, judgement) for item in expectations for judgement in run_check(item, world, [], words)]


def _taken(words: WordFiles, name: str, arguments: Body) -> Body:
    known = {field.key for field in declared(words.find("check", name)).arguments}
    return {key: value for key, value in arguments.items() if key in known}
