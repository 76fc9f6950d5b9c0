"""`junit.xml`: a test case for each check and host. Unknown is an error, never a skipped test, which would look like a pass."""

import re
from collections import Counter
from xml.etree import ElementTree as ET

from harness.journal.entry import Entry
from harness.journal.mover_lines import masked
from harness.report.document import Document
from harness.report.moments import moments, when
from harness.report.stories import FailureNarrative, Verdict, failure_narratives

WHOLE_RUN = "the whole run"

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
        timestamp=_clean(verdict["started"].removesuffix("Z")),
    )
    told = {story.host: _text(story) for story in failure_narratives(verdict, moments(entries), entries)}
    for check in checks:
        _case(suite, check, told.get(check["host"], ""))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _nothing(verdict: Verdict) -> Verdict:
    # A suite without a single case is green in most readers; a run that judged nothing must not be.
    return {"check": "run", "host": None, "verdict": verdict["verdict"], "says": "no check was made", "evidence": []}


def _case(suite: ET.Element, check: Verdict, story: str) -> None:
    case = ET.SubElement(suite, "testcase", classname=_clean(check["check"]), name=_clean(check["host"] or WHOLE_RUN))
    if check["verdict"] == "pass":
        return
    tag, kind = ("failure", "broken promise") if check["verdict"] == "fail" else ("error", "unknown")
    ET.SubElement(case, tag, type=kind, message=_clean(check["says"])).text = _clean(f"{check['says']}\n\n{story}".rstrip())


def _text(story: FailureNarrative) -> str:
    lines = [line.moment for line in story.lines]
    return "\n".join(f"{when(one.since, one.at):>16}  {one.actor:<14} {one.text}" for one in lines)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", masked(text))


DOCUMENT = Document("junit.xml", lambda run: render_junit(run.verdict, run.entries))
