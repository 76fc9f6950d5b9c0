"""`sequence.md`: who asked whom for what, in order, as a Mermaid sequence diagram."""

import re

from bmc.masking.text import masked
from harness.journal.entry import Entry
from harness.report.document import Document
from harness.report.moments import Moment, moments, when
from harness.report.stories import WORTH, Verdict, headline_of

MOST_MOMENTS = 150
LONGEST_TEXT = 90
FIXED = ("harness", "mover", "source", "target", "ironic-source", "ironic-target", "workload")

_UNSAFE = re.compile(r'[;#<>{}\\"`%]|--')


def render_sequence(verdict: Verdict, entries: list[Entry]) -> str:
    """The Markdown document; if there are too many moments, the least important are left out, with a note."""
    unclaimed = set(verdict.get("unclaimed", {}))
    told = [moment for moment in moments(entries) if moment.host not in unclaimed]
    kept = _kept(told)
    participants = _participants(kept)
    lines = [f"    participant {identifier} as {name}" for name, identifier in participants.items()]
    lines += [_line(moment, participants) for moment in kept]
    title = masked(f"# {verdict['scenario']} on {verdict['lab']}: {verdict['verdict']}")
    left_out = f"\n{len(told) - len(kept)} lesser moments are left out.\n" if len(kept) < len(told) else ""
    began = f" ({verdict['started']})" if verdict["started"] else ""
    about = (
        f"{masked(headline_of(verdict))}\n\nTimes are seconds since the run began{began}; `a..b` means not before a, not after b."
    )
    return f"{title}\n\n{about}\n{left_out}\n```mermaid\nsequenceDiagram\n" + "\n".join(lines) + "\n```\n"


def _kept(told: list[Moment]) -> list[Moment]:
    dear = sorted(told, key=lambda moment: (WORTH[moment.tone], moment.seq))[:MOST_MOMENTS]
    return sorted(dear, key=lambda moment: (moment.at, moment.seq))


def _participants(kept: list[Moment]) -> dict[str, str]:
    """Name -> identifier, the fixed ones first, in their order."""
    named = [name for moment in kept for name in _ends(moment)]
    ordered = [*[name for name in FIXED if name in named], *[name for name in named if name not in FIXED]]
    return {name: f"p{number}" for number, name in enumerate(dict.fromkeys(ordered))}


def _ends(moment: Moment) -> tuple[str, str]:
    actor, receiver = _named(moment.actor, moment.host), _named(moment.receiver or moment.actor, moment.host)
    return actor, receiver


def _named(participant: str, host: str) -> str:
    return _plain(f"BMC of {host}" if participant == "bmc" else participant)


def _line(moment: Moment, participants: dict[str, str]) -> str:
    actor, receiver = (participants[name] for name in _ends(moment))
    about = f"{moment.host}: " if moment.host and "bmc" not in (moment.actor, moment.receiver) else ""
    text = _plain(f"{about}{moment.text}")
    short = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
    said = f"[{when(moment.since, moment.at)}] {short}"
    return f"    {actor}->>{receiver}: {said}" if actor != receiver else f"    Note over {actor}: {said}"


def _plain(text: str) -> str:
    # Mermaid has no escape that all its readers know: what it could take for syntax becomes a space.
    return " ".join(_UNSAFE.sub(" ", masked(text).replace(";", ",")).split())


DOCUMENT = Document("sequence.md", lambda run: render_sequence(run.verdict, run.entries))
