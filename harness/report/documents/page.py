"""`report.html`: one file that opens offline, in light and dark, without a script."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup, escape

from harness.journal.entry import Entry
from harness.journal.facts import RunBegan
from harness.journal.wall_clock import told_wall_time
from harness.report.document import Document
from harness.report.masking import safe
from harness.report.moments import moments, when
from harness.report.picture.lanes import lanes
from harness.report.picture.svg import draw
from harness.report.stories import Verdict, failure_narratives, fates_told, headline_of, seen_told
from harness.world.world import World

MOST_HOSTS_IN_PICTURE = 12
MOST_REASONS = 2
ORDER = {"fail": 0, "unknown": 1, "pass": 2}

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    finalize=safe,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_templates.filters["when"] = lambda moment: when(moment.since, moment.at)


def with_code(says: str) -> Markup:
    """The sentence as markup, with what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(safe(says)))))  # noqa: S704 - escaped just before


_templates.filters["with_code"] = with_code


class HostLine(NamedTuple):
    """One row of the table host x witness; `witnesses` has a state for each column, empty where there is none.

    `why`: the checks that the host did not pass, the worst first.
    """

    name: str
    verdict: str
    witnesses: list[str]
    why: str = ""


def render_html(verdict: Verdict, entries: list[Entry]) -> str:
    """The page of a run: table, failures with their stories, picture, all checks, where we were blind."""
    world = World(entries, final=True)
    told = moments(entries)
    columns = witness_columns(verdict)
    shown = hosts_in_picture(verdict)
    picture = Markup(draw(lanes(world, told, shown, verdict), world.now, world.run))  # noqa: S704 - made here, every text in it escaped
    checks = sorted(verdict["checks"], key=lambda check: ORDER[check["verdict"]])
    return _templates.get_template("page.html").render(
        verdict=verdict,
        began=world.run or RunBegan(scenario="", lab="", started="", mode="run", expectations=[]),
        seconds=world.now,
        headline=headline_of(verdict),
        seen=seen_told(verdict),
        witnesses=[one for one in (verdict.get("coverage") or {}).get("witnesses", []) if one["needed"] > 0],
        not_judged=verdict.get("not_judged", []),
        unverified=verdict.get("unverified", []),
        wall_clock=lambda seconds: told_wall_time(world.run, seconds),
        facts=len(entries),
        columns=columns,
        hosts=host_lines(verdict, columns),
        unclaimed=verdict.get("unclaimed", {}),
        picture=picture,
        hidden=len(verdict["hosts"]) + len(verdict.get("unclaimed", {})) - len(shown),
        stories=failure_narratives(verdict, told, entries),
        checks=checks,
        counts={word: sum(check["verdict"] == word for check in checks) for word in ORDER},
        carried=[(move, fates_told(move)) for move in verdict.get("carried", [])],
        blind=[gap for sight in world.coverage.sights.values() for gap in sight.all_gaps()],
    )


def witness_columns(verdict: Verdict) -> list[str]:
    """Every witness that any host has, in order of appearance."""
    return list(dict.fromkeys(one["witness"] for host in verdict["hosts"].values() for one in host["witnesses"]))


def host_lines(verdict: Verdict, columns: list[str]) -> list[HostLine]:
    """The rows, failures first."""
    found: list[HostLine] = []
    why = reasons(verdict)
    for name, host in verdict["hosts"].items():
        states: dict[str, Any] = {one["witness"]: one["state"] for one in host["witnesses"]}
        found.append(HostLine(name, host["verdict"], [states.get(column, "") for column in columns], why.get(name, "")))
    return sorted(found, key=lambda line: ORDER[line.verdict])


def reasons(verdict: Verdict) -> dict[str | None, str]:
    """Each host that did not pass -> the checks that it did not pass, failures first."""
    words: dict[str | None, dict[str, None]] = {}
    for check in sorted(verdict["checks"], key=lambda check: ORDER[check["verdict"]]):
        if check["verdict"] != "pass":
            words.setdefault(check["host"], {})[check["check"]] = None
    return {
        host: ", ".join([*found][:MOST_REASONS]) + (f" and {len(found) - MOST_REASONS} more" if len(found) > MOST_REASONS else "")
        for host, found in words.items()
    }


def hosts_in_picture(verdict: Verdict) -> list[str]:
    """Failed hosts first, then unknown, passed and unclaimed ones, as many as a picture can hold."""
    claimed = sorted(verdict["hosts"], key=lambda name: ORDER[verdict["hosts"][name]["verdict"]])
    return [*claimed, *verdict.get("unclaimed", {})][:MOST_HOSTS_IN_PICTURE]


DOCUMENT = Document("report.html", lambda run: render_html(run.verdict, run.entries))
