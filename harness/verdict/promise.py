"""Which checks are judged where nobody chose: told by what each check declares about itself, in constants of its module.

- `PROMISE = False`: not judged unless a scenario names it
- `PREFLIGHT = True`: judged by the step `preflight` and by `harness doctor`
- `ALWAYS = True`: judged of every run, even where a scenario chose its checks and left it out
- `NEEDS_MOVE = True`: it judges a move, and is no part of a promise that is made without one (`promise: steady`)
- `MODES = ("run", "watch")`: by which ways of seeing a run it can be judged; without it by all of them
- `ORDER = 3`: where its judgements stand among those of the others; checks without one come after them, by their names
"""

import re
from typing import Literal, get_args

from harness.errors import BadWordError
from harness.files.declaration import declared, line_of
from harness.files.words import WordFile, WordFiles

Mode = Literal["run", "watch", "import"]
LAST = 1000


def promised_checks(words: WordFiles, mode: Mode, *, steady: bool = False) -> list[str]:
    """The checks that make up the promise of a pivot that was seen in this way, in the order of their judgements.

    `steady`: of a promise that is made without a move.

    BadWordError where a check that belongs to it cannot be read: leaving it out would be a promise that nobody looked at.
    """
    if words.broken:
        raise BadWordError("\n".join(words.broken))
    checks = [check for name in words.names("check") if (check := _read(words, name, "PROMISE", default=True))]
    for check in checks:
        _require_no_argument(check)
    promised = [check for check in checks if mode in _modes(check)]
    if steady:
        promised = [check for check in promised if not getattr(check.module, "NEEDS_MOVE", False)]
    return [check.name for check in sorted(promised, key=lambda it: (getattr(it.module, "ORDER", LAST), it.name))]


def preflight_checks(words: WordFiles) -> list[str]:
    """The words of all checks that are marked `PREFLIGHT`, sorted."""
    return [name for name in words.names("check") if _read(words, name, "PREFLIGHT", default=False)]


def always_checks(words: WordFiles) -> list[str]:
    """The words of all checks that are judged of every run, in the order of their judgements."""
    checks = [check for name in words.names("check") if (check := _read(words, name, "ALWAYS", default=False))]
    return [check.name for check in sorted(checks, key=lambda it: (getattr(it.module, "ORDER", LAST), it.name))]


def _read(words: WordFiles, name: str, switch: str, *, default: bool) -> WordFile | None:
    """The check where its module sets this switch (or the default does), else None."""
    try:
        check = words.find("check", name)
    except BadWordError:
        # What cannot be imported is still asked by its text, so that it only matters where it would be used.
        if _written(words, name, switch, default=default):
            raise
        return None
    return check if getattr(check.module, switch, default) else None


def _written(words: WordFiles, name: str, switch: str, *, default: bool) -> bool:
    found = [re.search(rf"(?m)^{switch}\s*(?::.*)?=\s*(True|False)", text) for text in words.texts("check", name)]
    return any(match[1] == "True" if match else default for match in found)


def _modes(check: WordFile) -> tuple[str, ...]:
    modes: tuple[str, ...] = getattr(check.module, "MODES", get_args(Mode))
    wrong = set(modes) - set(get_args(Mode))
    if wrong:
        raise BadWordError(
            f"{check.file}:1: `MODES` of a check are of {', '.join(get_args(Mode))}, not {', '.join(sorted(wrong))}"
        )
    return modes


def _require_no_argument(check: WordFile) -> None:
    required = [field.name for field in declared(check).arguments if field.required]
    if required:
        cause = f"`{required[0]}` must be given, so this check cannot be judged by default; write `PROMISE = False`"
        raise BadWordError(f"{check.file}:{line_of(check.module.check)}: {cause}")
