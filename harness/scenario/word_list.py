"""Words as people read them: a table of all, or one in full with an example in YAML."""

import itertools
import textwrap
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from harness.files.binding import Field, phrase
from harness.files.declaration import Word
from harness.files.durations import Duration, HostName, format_duration
from harness.scenario.promises import BESIDE, FORMS
from harness.verdict.promises.variables import variables

WIDTH = 118
HEADINGS = {
    "step": "steps: what is done",
    "fault": "faults: what is suffered, under:",
    "check": "checks: what must hold, expect:",
}
SCOPES = ("hosts", "run", "{kind: KIND}")
EXAMPLES = {
    "never": 'expect:\n  - never: fact.method == "POST" && fact.path.endsWith("ComputerSystem.Reset")\n    says: nobody resets a server',
    "always": "expect:\n  - always: host.status.poweredOn",
    "stable": "expect:\n  - stable: node.status.nodeInfo.bootID",
    "eventually": "expect:\n  - eventually: host.status.provisioning.ID != before.status.provisioning.ID\n    within: 10m",
    "at_most": 'expect:\n  - at_most: 1\n    of: fact.fact == "MoverStarted"\n    for: run',
    "exclusive": (
        'expect:\n  - exclusive:\n      - fact.cluster == "source" && !has(object.spec.paused)\n'
        '      - fact.cluster == "target" && !has(object.spec.paused)\n    for: {kind: Cluster}'
    ),
}
EXAMPLE_VALUES = {Duration: "10s", HostName: "node-1", str: "name", int: "1", float: "1.5", bool: "true"}


def table(words: list[Word]) -> str:
    """One line a word: what it is called with, and its promise."""
    lines: list[str] = []
    for role, group in itertools.groupby(words, key=lambda word: word.role):
        lines += ["", HEADINGS[role]] if lines else [HEADINGS[role]]
        for word in group:
            lines += _row(word)
    return "\n".join(lines) + "\n"


def promise_table() -> str:
    """The forms of a promise of one's own, one a line."""
    lines = ["promises of one's own, expect:"]
    for form, says in FORMS.items():
        beside = "".join(f" {key}" for key in BESIDE.get(form, ()))
        lines += [
            f"  {form}{beside} [for] [says]",
            *textwrap.wrap(says, WIDTH, initial_indent="      ", subsequent_indent="      "),
        ]
    return "\n".join(lines) + "\n"


def describe_form(form: str) -> str:
    """Everything about one form of a promise."""
    known = "\n".join(f"  for: {over:14} {', '.join(variables('kind' if 'kind' in over else over))}" for over in SCOPES)
    parts = [
        f"promise {form}",
        f"  {FORMS[form]}",
        f"what a condition may read\n{known}",
        "example\n" + textwrap.indent(EXAMPLES[form], "  "),
    ]
    return "\n\n".join(parts) + "\n"


def describe(word: Word) -> str:
    """Everything about one word."""
    parts = [f"{word.role} {word.name}", textwrap.indent(word.text, "  ")]
    if word.arguments:
        rows = [f"  {field.name}: {phrase(field.kind)}{_default(word, field)}" for field in word.arguments]
        parts.append("\n".join(["arguments", *rows]))
    if word.file.origin:
        parts.append(f"from {word.file.file}, of {word.file.origin}")
    parts.append("example\n" + textwrap.indent(example(word), "  "))
    return "\n\n".join(parts) + "\n"


def example(word: Word) -> str:
    """A few lines of a scenario that use the word."""
    shown = [field for field in word.arguments if field.required] or list(word.arguments[:1])
    arguments = ", ".join(f"{field.name}: {_example_value(word, field)}" for field in shown)
    call = f"{word.name}: {{{arguments}}}" if shown else word.name
    if word.role == "step":
        return f"steps:\n  - {call}"
    if word.role == "check":
        return f"expect:\n  - {call}"
    fault = f"{{{call}}}" if shown else call
    return f"steps:\n  - under: {fault}\n    steps:\n      - move"


def _row(word: Word) -> list[str]:
    names = [field.name if field.required else f"[{field.name}]" for field in word.arguments]
    head = f"  {' '.join([word.name, *names])}"
    if word.file.origin:
        head += f"   ({word.file.origin})"
    return [head, *textwrap.wrap(word.promise, WIDTH, initial_indent="      ", subsequent_indent="      ")]


def _default(word: Word, field: Field) -> str:
    if field.required:
        return " (must be given)"
    text = _written(field.kind, word.defaults[field.name])
    return f" (default: {text})" if text else ""


def _written(kind: Any, value: Any) -> str:
    """A Python value as it would be written in YAML; empty for one that says nothing."""
    if value in (None, "", (), []):
        return ""
    if isinstance(value, list | tuple):
        return f"[{', '.join(str(it) for it in value)}]"
    if Duration in (kind, *get_args(kind)):
        return format_duration(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _example_value(word: Word, field: Field) -> str:
    default = "" if field.required else _written(field.kind, word.defaults[field.name])
    return default or _example_of(field.kind)


def _example_of(kind: Any) -> str:
    if kind in EXAMPLE_VALUES:
        return EXAMPLE_VALUES[kind]
    parts = [it for it in get_args(kind) if it not in (NoneType, Ellipsis)]
    if get_origin(kind) is Literal:
        return str(parts[0])
    value = _example_of(parts[0])
    return f"[{value}]" if get_origin(kind) in (list, tuple) else value
