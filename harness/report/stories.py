"""The story behind each failure: what happened to the host around the entries that prove it, in order."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from harness.journal.entry import Entry
from harness.journal.facts import RunBegan
from harness.report.moments import Moment, Tone, clocked
from harness.report.sentences import describe

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
    "free": 6,
}
"""Priority by tone when moments must be left out; lower is kept first."""

Verdict = dict[str, Any]


class NarrativeMoment(NamedTuple):
    """One moment of a story; `proves` where a check named its entry."""

    moment: Moment
    proves: bool


class FailureNarrative(NamedTuple):
    """The checks about a host (None: about the whole run) that did not pass, and what happened. `left_out`: moments not shown.

    `others`: more hosts of which the same was said, and nothing else.
    """

    host: str | None
    verdict: str
    checks: list[Verdict]
    lines: list[NarrativeMoment]
    left_out: int
    others: tuple[str, ...] = ()

    @property
    def said(self) -> list[tuple[str, str, str]]:
        """Verdict, checks and text: checks that say the same say it once."""
        alike: dict[tuple[str, str], list[str]] = {}
        for check in self.checks:
            alike.setdefault((check["verdict"], check["says"]), []).append(check["check"])
        return [(verdict, ", ".join(dict.fromkeys(checks)), says) for (verdict, says), checks in alike.items()]

    @property
    def about(self) -> str:
        """Whom it is about."""
        return ", ".join([self.host, *self.others]) if self.host else "the run as a whole"


def failure_narratives(verdict: Verdict, told: Iterable[Moment], entries: list[Entry]) -> list[FailureNarrative]:
    """One story for each host with a check that failed or is unknown, failures first; hosts of which the same was said share one."""
    moments = {moment.seq: moment for moment in told}
    bad: dict[str | None, list[Verdict]] = {}
    for check in verdict.get("checks", []):
        if check["verdict"] != "pass":
            bad.setdefault(check["host"], []).append(check)
    alike: dict[tuple[object, ...], list[str | None]] = {}
    for host, checks in bad.items():
        alike.setdefault(tuple((it["check"], it["verdict"], it["says"], host is None) for it in checks), []).append(host)
    found = [
        _story(hosts[0], bad[hosts[0]], moments, entries)._replace(others=tuple(str(host) for host in hosts[1:]))
        for hosts in alike.values()
    ]
    return sorted(found, key=lambda story: (story.verdict != "fail", story.host is None, story.host or ""))


def seen_told(verdict: Verdict) -> str:
    """How much was seen of how much, in one line; empty for a verdict that an older version wrote, or where nothing was needed."""
    coverage = verdict.get("coverage")
    if not coverage or not verdict.get("horizon"):
        return ""
    kinds, objects = coverage["kinds"], coverage["objects"]
    needed = [one for one in coverage["witnesses"] if one["needed"] > 0]
    whole = sum(one["seen"] >= one["needed"] for one in needed)
    told = [f"{whole} of {len(needed)} witnesses saw all of their time"]
    if kinds["carried"]:
        told = [
            f"{kinds['watched']} of {kinds['carried']} kinds watched",
            f"{objects['arrived']} of {objects['carried']} objects there",
            *told,
        ]
    return ", ".join(told)


def headline_of(verdict: Verdict) -> str:
    """The first sentence about a run; that of a verdict which an older version wrote is what its checks came to."""
    counts = Counter(check["verdict"] for check in verdict.get("checks", []))
    counted = ", ".join(f"{counts[word]} {word}" for word in ("fail", "unknown", "pass"))
    return str(verdict.get("headline") or f"The checks of this run came to {counted}.")


def _story(host: str | None, checks: list[Verdict], moments: dict[int, Moment], entries: list[Entry]) -> FailureNarrative:
    proofs = {seq for check in checks for seq in check["evidence"] if 0 <= seq < len(entries)}
    around = [moment for moment in moments.values() if _concerns(moment, host)]
    if proofs:
        first = min(entries[seq].since for seq in proofs) - MARGIN_SECONDS
        last = max(entries[seq].at for seq in proofs) + MARGIN_SECONDS
        around = [moment for moment in around if first <= moment.at and moment.since <= last]
    lines = {moment.seq: NarrativeMoment(moment, moment.seq in proofs) for moment in around}
    run = entries[0].fact if entries and isinstance(entries[0].fact, RunBegan) else None
    lines.update({seq: NarrativeMoment(moments.get(seq) or clocked(describe(entries[seq]), run), proves=True) for seq in proofs})
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


def fates_told(
    fates: Verdict, words: tuple[str, str, str, str] = ("moved", "stayed", "made anew", "lost")
) -> list[tuple[str, str]]:
    """Lines for people of what became of a move's objects (`carried` of a verdict): a word, and what it is said of."""
    counts = [(word, fates.get(name) or {}) for word, name in zip(words, ("moved", "stayed", "made_anew"), strict=False)]
    lines = [(word, ", ".join(f"{count} {kind}" for kind, count in kinds.items())) for word, kinds in counts if kinds]
    return lines + [
        (words[3], f"{loss['kind']} {loss['name']}: {loss['what']} (cure: {loss['cure']})") for loss in fates.get("lost") or []
    ]
