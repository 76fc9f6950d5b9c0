"""The name of each judgement as a test: the same in JUnit and in the certificate, unique in a run, and the same in the next one."""

from collections import Counter
from typing import Any, NamedTuple

WHOLE_RUN = "the whole run"


class JudgementName(NamedTuple):
    """`check`, and about what: a host or the whole run, in which block of the scenario, and which of several."""

    check: str
    about: str

    def __str__(self) -> str:
        return f"{self.check}: {self.about}"


def judgement_names(checks: list[dict[str, Any]]) -> list[JudgementName]:
    """A name for each of these judgements, in their order."""
    found: list[JudgementName] = []
    count: Counter[JudgementName] = Counter()
    for check in checks:
        block = f" (step {check['block']})" if check.get("block") else ""
        name = JudgementName(check["check"], f"{check['host'] or WHOLE_RUN}{block}")
        count[name] += 1
        found.append(name if count[name] == 1 else name._replace(about=f"{name.about} #{count[name]}"))
    return found
