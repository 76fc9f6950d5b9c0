"""JUnit, event sequence, certificate, and all of them together."""

import json
import lzma
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from harness.errors import UsageError
from harness.report import write_reports
from harness.report.documents.junit import render_junit
from harness.report.documents.sequence import MOST_MOMENTS, render_sequence
from harness.run.importer import import_recordings
from harness.verdict.judge import judge_directory, write_verdict

pytestmark = pytest.mark.dated

TRACES = Path(__file__).parents[1] / "recordings"


def cases(text):
    return {(case.get("classname"), case.get("name")): case for case in ET.fromstring(text).iter("testcase")}


def test_each_check_and_host_is_a_case_and_unknown_is_an_error(entries, verdict):
    text = render_junit(verdict, entries)
    found = cases(text)
    (failure,) = found["bmc_untouched", "node-1"]
    (error,) = found["bmc_untouched", "node-0"]
    assert (failure.tag, error.tag, error.get("type")) == ("failure", "error", "unknown")
    assert list(found["move_completes", "the whole run"]) == []
    assert "Reset ForceOff, asked by ironic-target" in failure.text
    suite = ET.fromstring(text).find("testsuite")
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["3", "1", "1", "0"]
    assert "<skipped" not in text


def test_each_case_has_a_name_of_its_own_that_stays_the_same(entries, verdict):
    again = {"check": "move_completes", "host": None, "verdict": "fail", "says": "again", "evidence": []}
    verdict["checks"] += [again, {**again, "block": "3.1"}, {**again, "block": "3.1"}]
    found = [(case.get("classname"), case.get("name")) for case in ET.fromstring(render_junit(verdict, entries)).iter("testcase")]
    assert found[2:] == [
        ("move_completes", "the whole run"),
        ("move_completes", "the whole run #2"),
        ("move_completes", "the whole run (step 3.1)"),
        ("move_completes", "the whole run (step 3.1) #2"),
    ]
    assert len(set(found)) == len(found)


def test_junit_has_the_headline_a_zone_and_each_hosts_story_once(entries, verdict):
    verdict["checks"].append({**verdict["checks"][1], "check": "one_owner"})
    text = render_junit({**verdict, "headline": "node-1 was reset, token=hunter2 now."}, entries)
    suite = ET.fromstring(text).find("testsuite")
    told = {it.get("name"): it.get("value") for it in suite.iter("property")}
    assert (told["headline"], told["verdict"]) == ("node-1 was reset, token=*** now.", "fail")
    assert suite.get("timestamp") == "2026-01-01T00:00:00+00:00"
    assert text.count("Reset ForceOff, asked by ironic-target") == 1


def test_a_run_that_judged_nothing_is_not_green(entries, verdict):
    (case,) = cases(render_junit({**verdict, "verdict": "unknown", "checks": []}, entries)).values()
    assert case[0].tag == "error"


def test_characters_that_xml_cannot_carry_are_replaced(entries, verdict):
    verdict["checks"][1]["says"] = "bell \x07 and \ud800 and <tag> & token=hunter2"
    message = cases(render_junit(verdict, entries))["bmc_untouched", "node-1"][0].get("message")
    assert message == "bell \ufffd and \ufffd and <tag> & token=***"


def test_the_sequence_names_who_asked_whom(entries, verdict):
    text = render_sequence(verdict, entries)
    names = dict(re.findall(r"participant (p\d+) as (.+)", text))
    asked = re.search(r"(p\d+)->>(p\d+): \[5\.6 s\] Reset ForceOff", text)
    assert [names[one] for one in asked.groups()] == ["ironic-target", "BMC of node-1"]
    created = re.search(r"(p\d+)->>(p\d+): \[2\.0 s\] Creating objects", text)
    assert [names[one] for one in created.groups()] == ["mover", "target"]
    assert "[4.7..5.0 s]" in text


def test_nothing_in_the_sequence_is_taken_for_syntax(entries, verdict):
    verdict["scenario"] = "a"
    diagram = render_sequence(verdict, entries).split("```mermaid\n")[1].split("```")[0]
    for line in diagram.splitlines()[1:]:
        assert not re.search(r'[;#<{}\\"]', line.replace("->>", "")), line
    assert "hunter2" not in diagram


def test_a_long_sequence_is_cut_and_says_so(entries, verdict):
    many = [*entries, *(type(entry)(1000 + n, entry.since, entry.at, entry.fact) for n, entry in enumerate(entries * 40))]
    text = render_sequence(verdict, many)
    lines = [line for line in text.splitlines() if re.match(r"    (p\d+->>|Note over)", line)]
    assert len(lines) == MOST_MOMENTS
    assert "lesser moments are left out" in text
    assert "Reset ForceOff" in text


def test_all_documents_are_written_and_again_the_same(entries, verdict, tmp_path):
    directory = tmp_path / "run"
    write_verdict(directory, verdict)
    written = write_reports(directory)
    assert [path.name for path in written] == ["certificate.json", "junit.xml", "report.html", "sequence.md"]
    first = [path.read_bytes() for path in written]
    assert [path.read_bytes() for path in write_reports(directory)] == first
    assert all(b"hunter2" not in text for text in first)


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "run `harness judge` first"), (b"{", "run `harness judge` again"), (b'{"a": "\xea"}', "run `harness judge` again")],
)
def test_a_run_without_a_verdict_is_refused_with_the_cure(entries, tmp_path, content, says):
    if content:
        (tmp_path / "run" / "verdict.json").write_bytes(content)
    with pytest.raises(UsageError, match=says):
        write_reports(tmp_path / "run")


@pytest.mark.parametrize("run", ["b-good-pivot", "d-status-annotation-lost", "g1-clusterctl-killed-creating"])
def test_recordings_of_real_pivots_are_reported(run, tmp_path):
    import_recordings([TRACES / run], tmp_path / "run")
    verdict = judge_directory(tmp_path / "run")
    write_verdict(tmp_path / "run", verdict)
    certificate, junit, page, _ = (path.read_text() for path in write_reports(tmp_path / "run"))
    expected = json.loads((TRACES / run / "expect.json").read_text())["hosts"]
    assert {name: host["verdict"] for name, host in json.loads(certificate)["predicate"]["hosts"].items()} == expected
    assert f'class="banner {verdict["verdict"]}"' in page
    failed = {name for (_, name), case in cases(junit).items() if len(case)}
    assert {host for host, word in expected.items() if word == "fail"} <= failed
    with lzma.open(TRACES / run / "mover.jsonl.xz") as lines:
        ends = [row["rc"] for row in map(msgspec.json.decode, lines) if row.get("what") == "exit"]
    assert page.count("<title>") > 50
    assert all(f"exit code {code}" in page or f"signal {-code}" in page for code in ends)
