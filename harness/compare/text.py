"""A comparison as text: of each host the first divergence, what is missing, what is extra, and how much is accepted."""

from collections import Counter
from collections.abc import Iterator

from harness.compare.comparison import COUNTS, Comparison, Difference, Pair
from harness.compare.lanes import TraceEntry
from harness.compare.trace import Trace
from harness.files.problems import printable

LETTERS = ("A", "B")


def lines(names: tuple[str, str], stories: tuple[Trace, Trace], comparison: Comparison) -> Iterator[str]:
    """The whole report, a line at a time."""
    for letter, name, story in zip(LETTERS, names, stories, strict=True):
        what = "recording" if story.imported else f"run of {story.scenario}"
        role = ", the reference" if LETTERS[comparison.reference] == letter else ""
        yield printable(f"{letter}  {name}: {what}{role}; {move_of(story)}")
    for pair in comparison.pairs:
        yield ""
        yield from of_pair(pair, comparison.reference)
    yield ""
    yield conclusion(comparison)


def move_of(story: Trace) -> str:
    """Which move the story is of, if it is of one."""
    return f"move from {story.leg.origin} to {story.leg.destination}" if story.leg.moves else "no move"


def of_pair(pair: Pair, reference: int) -> Iterator[str]:
    """One host, or the clusters."""
    known = [each for each in pair.differences if each.accepted]
    names = tuple(name or "-" for name in pair.names)
    hosts = f"  {names[reference]} | {names[1 - reference]}" if any(pair.names) else ""
    yield printable(f"{pair.role}{hosts}: {verdict_of(len(pair.new), len(known))}")
    if pair.new:
        yield from first_divergence(pair.new[0], reference)
    yield from (f"  {line_of(each, reference)}" for each in pair.new)
    if pair.unseen:
        yield f"  not compared, since one run did not see it wholly: {', '.join(pair.unseen)}"
    for name, times in sorted(Counter(each.accepted for each in known).items()):
        yield f"  accepted  {name}" + (f" ({times} times)" if times > 1 else "")


def verdict_of(new: int, known: int) -> str:
    """How many differences of which sort."""
    said = f"{new} new difference{'s' if new != 1 else ''}" if new else "as the reference"
    return f"{said}, {known} accepted" if known else said


def first_divergence(difference: Difference, reference: int) -> Iterator[str]:
    """Where the two part for the first time."""
    if difference.lane == COUNTS:
        return
    there, here = LETTERS[reference], LETTERS[1 - reference]
    after = f' after "{difference.after}"' if difference.after else " at its beginning"
    sides = {
        "missing": f"only {there} has",
        "extra": f"only {here} has",
        "order": f"{there} has here, and {here} elsewhere,",
    }
    yield printable(f'  first divergence: lane "{difference.lane}"{after}: {sides[difference.kind]} "{difference.text}"')


def line_of(difference: Difference, reference: int) -> str:
    """One difference on one line."""
    letters = LETTERS[reference], LETTERS[1 - reference]
    if difference.lane == COUNTS:
        amounts = ", ".join(f"{letter} {amount}" for letter, amount in zip(letters, difference.amounts, strict=True))
        kind = "fewer" if difference.kind == "missing" else "more"
        return printable(f"{kind:8}  {difference.text}: {amounts}")
    places = ", ".join(
        when_and_where(letter, word) for letter, word in zip(letters, (difference.first, difference.second), strict=True) if word
    )
    return printable(f"{difference.kind:8}  {difference.lane}: {difference.text}" + (f"  ({places})" if places else ""))


def when_and_where(letter: str, word: TraceEntry) -> str:
    """Time and journal entry of a trace entry."""
    return f"{letter} at {word.at:+.1f} s, entry {word.seq}"


def conclusion(comparison: Comparison) -> str:
    """The last line."""
    known = sum(1 for pair in comparison.pairs for each in pair.differences if each.accepted)
    if comparison.new:
        return f"{len(comparison.new)} new differences, {known} accepted ones"
    said = f"no new difference, {known} accepted ones" if known else "no difference"
    return f"{said}; but not everything could be compared" if comparison.unseen else said
