"""The page: one file, nothing from outside, everything escaped, blindness shown."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from harness.journal import facts
from harness.report.documents.page import MOST_HOSTS_IN_PICTURE, hosts_in_picture, render_html
from harness.report.moments import moments
from harness.report.picture.axis import Axis
from harness.report.picture.bars import Bar, Lane, Mark
from harness.report.picture.lanes import lanes
from harness.report.picture.svg import draw
from harness.report.stories import LONGEST_STORY, failure_narratives
from harness.world.world import World
from tests.report.conftest import write_run

VOID = {"meta", "rect", "line", "path", "circle", "br"}


class Balance(HTMLParser):
    """Every element that is opened is closed; loads are noted."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.loads = [], [], []

    def handle_starttag(self, tag, attrs):
        self.loads += [
            value for name, value in attrs if name in ("src", "href", "srcset", "action") or (tag == "script" and name)
        ]
        if tag == "script":
            self.loads.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


def test_the_page_is_whole_and_loads_nothing(entries, verdict):
    page = Balance()
    page.feed(render_html(verdict, entries))
    assert (page.open, page.wrong, page.loads) == ([], [], [])


def test_names_and_sayings_are_escaped(tmp_path, make_run):
    name = '<script>alert("1")</script>'
    entries, verdict = make_run(tmp_path / "evil", host=name)
    verdict["scenario"] = verdict["lab"] = "<img src=x onerror=y>"
    text = render_html(verdict, entries)
    assert "<script>" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


def test_what_stands_in_backticks_is_code_and_still_escaped(entries, verdict):
    verdict["checks"][0]["says"] = "left `provisioned<b>` for token=hunter2"
    text = render_html(verdict, entries)
    assert "left <code>provisioned&lt;b&gt;</code> for token=***" in text


def test_every_text_of_the_picture_is_escaped():
    evil = '"><script>'
    lane = Lane(evil, [Bar(0, 9, "step", evil, evil)], [Mark(1, 2, evil, evil)], [Bar(3, 4, "blind", evil, evil)], evil)
    assert evil not in draw([lane], 10.0)


def test_no_secret_is_on_the_page(entries, verdict):
    verdict["checks"][0]["says"] = "GET https://me:hunter2@10.0.0.1/ said token=hunter2"
    text = render_html(verdict, entries)
    assert "hunter2" not in text
    assert "Retrying with backoff" in text


def test_failures_come_first_and_tell_their_story(entries, verdict):
    text = render_html(verdict, entries)
    assert text.index(">node-1<") < text.index(">node-0<")
    story = text[text.index("What went wrong") :]
    assert story.index("Reset ForceOff, asked by ironic-target") > story.index("BareMetalHost: its pause is gone; state none")
    assert "4.7..5.0 s" in story
    assert re.search(r'class="reset proves".*?5\.6 s.*?Reset ForceOff', story, re.DOTALL)


def test_unknown_never_looks_like_a_pass(entries, verdict):
    verdict["verdict"] = "unknown"
    text = render_html(verdict, entries)
    assert 'class="banner unknown"' in text
    assert "was power-cycled" not in text


def test_the_headline_of_the_verdict_stands_first_with_code_and_without_secrets(entries, verdict):
    passing = {
        **verdict,
        "verdict": "pass",
        "checks": verdict["checks"][2:],
        "headline": "All well with `node-1`, token=hunter2 now.",
    }
    text = render_html(passing, entries)
    assert "<p>All well with <code>node-1</code>, token=*** now.</p>" in text[: text.index("<h2>")]
    assert "What went wrong" not in text


def test_a_journal_of_nothing_and_a_verdict_of_nobody_make_a_page(verdict):
    empty = {**verdict, "hosts": {}, "unclaimed": {}, "checks": [], "verdict": "unknown"}
    assert "There was no host to judge" in render_html(empty, [])


def test_blind_intervals_are_hatched_in_the_lane_they_blind(entries):
    found = {(lane.host, lane.name): lane for lane in lanes(World(entries, final=True), moments(entries), ["node-1"])}
    assert [(bar.since, bar.until) for bar in found["node-1", "in target"].blind] == [(5.8, 7.0)]
    assert found["node-1", "in source"].blind == []
    assert [(bar.since, bar.until, bar.text) for bar in found["", "target Ironic"].blind] == [(0.0, 9.5, "not looked at")]


def lane_of(entries, verdict, host, name):
    found = lanes(World(entries, final=True), moments(entries), ["node-1"], verdict)
    return next((lane for lane in found if (lane.host, lane.name) == (host, name)), None)


def test_what_made_a_check_unknown_is_hatched_in_a_lane_of_its_own(entries, verdict):
    lost = next(entry.seq for entry in entries if isinstance(entry.fact, facts.SightLost))
    doubt = {"check": "one_owner", "host": "node-1", "verdict": "unknown", "says": "it was lost", "evidence": [lost]}
    nowhere = {**doubt, "check": "hosts_adopted", "says": "no reason that is an entry", "evidence": []}

    lane = lane_of(entries, {"checks": [doubt, nowhere]}, "node-1", "not proven")
    assert [(bar.since, bar.until, bar.tone, bar.text) for bar in lane.blind] == [
        (1.1, 9.0, "blind", "hosts_adopted"),
        (5.8, 7.0, "blind", "one_owner"),
    ]
    assert lane_of(entries, {"checks": [doubt]}, "", "not proven") is None


def test_a_silence_of_a_bmc_is_hatched_lightly_where_it_was_told_afterwards_and_fully_where_a_check_is_unknown_for_it(tmp_path):
    entries = write_run(tmp_path / "silent", silent=True)
    lost = next(entry.seq for entry in entries if isinstance(entry.fact, facts.SightLost) and entry.fact.host)
    doubt = {"check": "bmc_untouched", "host": "node-1", "verdict": "unknown", "says": "silent", "evidence": [lost]}

    for checks, tone in (([], "bridged"), ([doubt], "blind")):
        lane = lane_of(entries, {"checks": checks}, "node-1", "BMC")
        assert [(bar.since, bar.until, bar.tone) for bar in lane.blind if bar.tone != "outside"] == [(2.0, 3.0, tone)]


def test_wall_clock_times_stand_beside_the_seconds(entries, verdict):
    text = render_html(verdict, entries)
    assert "5.6 s<br>00:00:05" in text
    assert re.search(r'class="tick clock"[^>]*>00:00:0\d<', text)


def test_a_host_that_does_not_pass_says_why_in_its_row(entries, verdict):
    assert re.search(
        r"node-1</td><td class=\"word\">fail</td>.*?bmc_untouched</td></tr>", render_html(verdict, entries), re.DOTALL
    )


def test_the_page_tells_what_was_seen_of_how_much_and_what_was_not_judged(entries, verdict):
    common = {"cluster": "", "kind": "", "host": "node-1", "first": 1.0, "last": None}
    seen = [
        {"sight": "bmc", "needed": 9.0, "seen": 4.0, **common},
        {"sight": "bmc_requests", "needed": 9.0, "seen": 9.0, **common},
    ]
    coverage = {"kinds": {"carried": 29, "watched": 28}, "objects": {"carried": 48, "arrived": 47}, "witnesses": seen}
    more = {
        "coverage": coverage,
        "horizon": {"from": 0.0, "until": 9.0},
        "not_judged": [{"what": "node-9", "why": "it ran nothing"}],
    }
    text = render_html({**verdict, **more}, entries)
    assert "28 of 29 kinds watched, 47 of 48 objects there, 1 of 2 witnesses saw all of their time." in text
    assert '<tr class="unknown"><td>bmc</td>' in text
    assert "not judged: node-9" in text
    assert "What was seen" not in render_html(verdict, entries)


def test_lanes_show_phases_pauses_and_states(entries):
    found = {(lane.host, lane.name): lane for lane in lanes(World(entries, final=True), moments(entries), ["node-1"])}
    assert [bar.text for bar in found["", "mover"].bars] == ["contact", "contact", "pause", "create", "delete"]
    assert [(bar.tone, bar.text) for bar in found["node-1", "in target"].bars] == [
        ("empty paused", "no state, paused"),
        ("busy", "inspecting"),
    ]
    assert [mark.tone for mark in found["node-1", "BMC"].marks] == ["reset"]


def test_the_axis_keeps_order_and_shortens_quiet_stretches():
    times = [*(number / 10 for number in range(100)), 500.0, 500.5]
    axis = Axis(times, 100, 1100)
    places = [axis.x(time) for time in times]
    assert all(before < after for before, after in pairwise(places))
    assert (places[0], round(places[-1])) == (100, 1100)
    assert axis.x(-5) == 100
    assert round(axis.x(9999)) == 1100
    assert axis.x(500) - axis.x(9.9) < 100
    assert [round(one.seconds) for one in axis.breaks] == [490]
    assert all(after - before >= 58 for (before, _), (after, _) in pairwise(axis.ticks(58)))


@pytest.mark.parametrize("times", [[], [0.0], [3.0, 3.0]])
def test_an_axis_of_next_to_nothing_stands(times):
    assert 0 <= Axis(times, 0, 10).x(3.0) <= 10


def test_a_picture_holds_so_many_hosts_and_the_failed_ones_first(verdict):
    many = {f"node-{number}": {"verdict": "pass", "witnesses": []} for number in range(100)}
    shown = hosts_in_picture({**verdict, "hosts": {**many, "bad": {"verdict": "fail", "witnesses": []}}})
    assert shown[0] == "bad"
    assert len(shown) == MOST_HOSTS_IN_PICTURE


def test_a_long_story_keeps_its_proofs(entries, verdict):
    told = moments(entries)
    flood = [type(told[0])(10_000 + n, 5.0, 5.0, "note", "target", "noise", host="node-1") for n in range(500)]
    (story, _) = failure_narratives(verdict, [*told, *flood], entries)
    assert len(story.lines) == LONGEST_STORY
    assert story.left_out > 400
    assert any(line.proves for line in story.lines)
