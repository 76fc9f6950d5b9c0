"""What the judge made of one planted defect, or of one benign twin."""

from typing import Any, Literal

import msgspec

from harness.catalogue.planting.expected import Expected

ResultWord = Literal["found", "missed", "wrong verdict", "wrong host", "wrong check", "wrong actor", "quiet", "false alarm"]
HARMLESS: frozenset[ResultWord] = frozenset({"quiet", "false alarm"})
"""`quiet`: nothing was said of something harmless."""

GOOD: frozenset[ResultWord] = frozenset({"found", "quiet"})

Check = dict[str, Any]


class TrialOutcome(msgspec.Struct, frozen=True):
    """One trial: the class, the case (moment, host, variant, seed), what came of it, and what the judge said."""

    word: str
    twin: bool
    moment: str
    host: str
    variant: str
    seed: int
    result: ResultWord
    says: str = ""

    @property
    def good(self) -> bool:
        """Did the judge do what it should?"""
        return self.result in GOOD


def result_of(verdict: dict[str, Any], expected: Expected) -> ResultWord:
    """Compare a verdict with what was expected; the first thing that is wrong."""
    if "pass" in expected.verdicts:
        return "quiet" if verdict["verdict"] in expected.verdicts else "false alarm"
    if verdict["verdict"] == "pass":
        return "missed"
    if verdict["verdict"] not in expected.verdicts:
        return "wrong verdict"
    right = [check for check in verdict["checks"] if check["verdict"] in expected.verdicts and concerns(check, expected)]
    if not right or not hosts_right(verdict, expected):
        return "wrong host"
    right = [check for check in right if check["check"] in expected.checks]
    if not right:
        return "wrong check"
    return "found" if any(expected.actor in check["says"] for check in right) else "wrong actor"


def concerns(check: Check, expected: Expected) -> bool:
    """Is this judgement about what the defect concerns?"""
    if expected.anywhere:
        return True
    return check["host"] in expected.hosts if expected.hosts else check["host"] is None


def hosts_right(verdict: dict[str, Any], expected: Expected) -> bool:
    """Are exactly the right hosts blamed? A defect of the run blames none; one of a host lets all others pass."""
    hosts = {name: host["verdict"] for name, host in verdict["hosts"].items()}
    if expected.anywhere:
        return True
    if not expected.hosts:
        return "fail" not in hosts.values()
    blamed = all(hosts.get(name) in expected.verdicts for name in expected.hosts)
    return blamed and all(said == "pass" for name, said in hosts.items() if name not in expected.hosts)


def said(verdict: dict[str, Any]) -> str:
    """What the judge said that is not a pass, shortened; `passes` where there is none."""
    bad = [check for check in verdict["checks"] if check["verdict"] != "pass"]
    texts = [f"{check['verdict']} {check['host'] or 'run'} {check['check']}: {check['says']}" for check in bad]
    return "; ".join(text[:160] for text in texts[:3]) or "passes"
