"""`junit.xml`: a test case for each check and host. Unknown is an error, never a skipped test, which would look like a pass."""

import re
from collections import Counter
from xml.etree import ElementTree as ET

from bmc.masking.text import masked
from harness.journal.entry import Entry
from harness.journal.facts import RunBegan
from harness.report.document import Document
from harness.report.judgement_names import JudgementName, judgement_names
from harness.report.moments import moments, when
from harness.report.stories import FailureNarrative, Verdict, failure_narratives, headline_of

# What XML 1.0 cannot carry, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(verdict: Verdict, entries: list[Entry]) -> str:
    """The document as text, declaration included."""
    checks = verdict["checks"] or [_nothing(verdict)]
    counts = Counter(check["verdict"] for check in checks)
    seconds = entries[-1].at if entries else 0.0
    suite = ET.Element(
        "testsuite",
        name=_clean(f"{verdict['scenario']} on {verdict['lab']}"),
        tests=str(len(checks)),
        failures=str(counts["fail"]),
        errors=str(counts["unknown"]),
        skipped="0",
        time=f"{seconds:.3f}",
        timestamp=_clean(re.sub("Z$", "+00:00", verdict["started"])),
    )
    _properties(suite, verdict, entries)
    told = {host: _text(story) for story in failure_narratives(verdict, moments(entries), entries) for host in _hosts_of(story)}
    for check, name in zip(checks, judgement_names(checks), strict=True):
        # A host's story is told once, in the first case of it that did not pass.
        _case(suite, check, name, told.pop(check["host"], "") if check["verdict"] != "pass" else "")
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _properties(suite: ET.Element, verdict: Verdict, entries: list[Entry]) -> None:
    began = entries[0].fact if entries else None
    held = verdict.get("horizon") or {}
    told = {
        "verdict": verdict["verdict"],
        "headline": headline_of(verdict),
        "version": began.version if isinstance(began, RunBegan) else "",
        "holds_until_seconds": str(held.get("until", "")),
    }
    properties = ET.SubElement(suite, "properties")
    for name, value in told.items():
        if value:
            ET.SubElement(properties, "property", name=name, value=_clean(value))


def _hosts_of(story: FailureNarrative) -> list[str | None]:
    return [story.host, *story.others]


def _nothing(verdict: Verdict) -> Verdict:
    # A suite without a single case is green in most readers; a run that judged nothing must not be.
    return {"check": "run", "host": None, "verdict": verdict["verdict"], "says": "no check was made", "evidence": []}


def _case(suite: ET.Element, check: Verdict, name: JudgementName, story: str) -> None:
    # A judgement takes no time of its own: it speaks of the whole run.
    case = ET.SubElement(suite, "testcase", classname=_clean(name.check), name=_clean(name.about), time="0")
    if check["verdict"] == "pass":
        return
    tag, kind = ("failure", "broken promise") if check["verdict"] == "fail" else ("error", "unknown")
    ET.SubElement(case, tag, type=kind, message=_clean(check["says"])).text = _clean(f"{check['says']}\n\n{story}".rstrip())


def _text(story: FailureNarrative) -> str:
    lines = [line.moment for line in story.lines]
    return "\n".join(f"{one.clock:8}{when(one.since, one.at):>18}  {one.actor:<14} {one.text}" for one in lines)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", masked(text))


DOCUMENT = Document("junit.xml", lambda run: render_junit(run.verdict, run.entries))
