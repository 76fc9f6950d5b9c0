"""The story behind each failure: what happened to the host around the entries that prove it, in order."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from harness.journal.entry import Entry
from harness.journal.facts import ObjectSeen
from harness.report.moments import Moment, Tone
from harness.world.world import key_of

LONGEST_STORY = 60
MARGIN_SECONDS = 1.0
EVERYBODYS: frozenset[Tone] = frozenset({"phase", "fault", "blind"})

WORTH: dict[Tone, int] = {
    "reset": 0,
    "blind": 1,
    "fault": 1,
    "phase": 2,
    "state": 3,
    "pause": 4,
    "write": 4,
    "note": 5,
    "step": 6,
}
"""Priority by tone when moments must be left out; lower is kept first."""

Verdict = dict[str, Any]


class NarrativeMoment(NamedTuple):
    """One moment of a story; `proves` where a check named its entry."""

    moment: Moment
    proves: bool


class FailureNarrative(NamedTuple):
    """The checks about one host (None: about the whole run) that did not pass, and what happened. `left_out`: moments not shown."""

    host: str | None
    verdict: str
    checks: list[Verdict]
    lines: list[NarrativeMoment]
    left_out: int


def failure_narratives(verdict: Verdict, told: Iterable[Moment], entries: list[Entry]) -> list[FailureNarrative]:
    """One story for each host with a check that failed or is unknown, failures first."""
    moments = {moment.seq: moment for moment in told}
    bad: dict[str | None, list[Verdict]] = {}
    for check in verdict.get("checks", []):
        if check["verdict"] != "pass":
            bad.setdefault(check["host"], []).append(check)
    found = [_story(host, checks, moments, entries) for host, checks in bad.items()]
    return sorted(found, key=lambda story: (story.verdict != "fail", story.host is None, story.host or ""))


def _story(host: str | None, checks: list[Verdict], moments: dict[int, Moment], entries: list[Entry]) -> FailureNarrative:
    proofs = {seq for check in checks for seq in check["evidence"] if 0 <= seq < len(entries)}
    around = [moment for moment in moments.values() if _concerns(moment, host)]
    if proofs:
        first = min(entries[seq].since for seq in proofs) - MARGIN_SECONDS
        last = max(entries[seq].at for seq in proofs) + MARGIN_SECONDS
        around = [moment for moment in around if first <= moment.at and moment.since <= last]
    lines = {moment.seq: NarrativeMoment(moment, moment.seq in proofs) for moment in around}
    lines.update({seq: NarrativeMoment(moments.get(seq) or describe(entries[seq]), proves=True) for seq in proofs})
    kept = shorten(lines.values(), LONGEST_STORY)
    verdict = "fail" if any(check["verdict"] == "fail" for check in checks) else "unknown"
    return FailureNarrative(host, verdict, checks, kept, len(lines) - len(kept))


def _concerns(moment: Moment, host: str | None) -> bool:
    if host is not None and moment.host == host:
        return True
    cluster_wide = moment.tone == "pause" and moment.text.startswith("Cluster ")
    return not moment.host and (moment.tone in EVERYBODYS or cluster_wide)


def shorten(lines: Iterable[NarrativeMoment], longest: int) -> list[NarrativeMoment]:
    """At most `longest` moments in order of time; proofs are kept first, then by WORTH."""
    dear = sorted(lines, key=lambda line: (not line.proves, WORTH[line.moment.tone], line.moment.seq))
    return sorted(dear[:longest], key=lambda line: (line.moment.at, line.moment.seq))


def describe(entry: Entry) -> Moment:
    """A plain sentence for an entry that changes nothing worth telling, but proves something."""
    if isinstance(entry.fact, ObjectSeen):
        return _describe_object(entry, entry.fact)
    fields = msgspec.to_builtins(entry.fact)
    name = fields.pop("fact")
    shown = {key: value for key, value in fields.items() if isinstance(value, str | int | float | bool) and key not in _LONG}
    text = f"{name}: " + ", ".join(f"{key} {value}" for key, value in shown.items())
    actor = str(fields.get("cluster") or fields.get("ironic") or "harness")
    return Moment(entry.seq, entry.since, entry.at, "note", actor, text, host=str(fields.get("host") or ""))


def _describe_object(entry: Entry, fact: ObjectSeen) -> Moment:
    kind = key_of(fact).kind
    host = fact.name if kind in ("BareMetalHost", "Node") else ""
    text = f"{kind} {'' if host else f'{fact.name} '}{_CHANGES[fact.change]}"
    return Moment(entry.seq, entry.since, entry.at, "note", fact.cluster, text, host=host)


_CHANGES = {"listed": "is there", "added": "appears", "modified": "changes", "deleted": "is gone"}
_LONG = frozenset({"body", "uid", "uuid", "digest", "host", "resource_version"})


def fates_told(
    fates: Verdict, words: tuple[str, str, str, str] = ("moved", "stayed", "made anew", "lost")
) -> list[tuple[str, str]]:
    """Lines for people of what became of a move's objects (`carried` of a verdict): a word, and what it is said of."""
    counts = [(word, fates.get(name) or {}) for word, name in zip(words, ("moved", "stayed", "made_anew"), strict=False)]
    lines = [(word, ", ".join(f"{count} {kind}" for kind, count in kinds.items())) for word, kinds in counts if kinds]
    return lines + [
        (words[3], f"{loss['kind']} {loss['name']}: {loss['what']} (cure: {loss['cure']})") for loss in fates.get("lost") or []
    ]
