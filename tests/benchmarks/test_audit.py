"""An audit that saw nothing does not pass."""

import pytest

from benchmarks.audit import Dependency, Vulnerability, told

GOOD = Dependency("good", "1.0")
UNSEEN = Dependency("unseen", skip_reason="not found")
BAD = Dependency("bad", "2.0", [Vulnerability("ADV-1", ["2.1", "3.0"]), Vulnerability("ADV-2")])


@pytest.mark.parametrize(
    ("dependencies", "lines", "code"),
    [
        ([GOOD, GOOD], ["2 looked at, 0 advisories"], 0),
        ([UNSEEN, UNSEEN], ["NOT RUN: no advisories could be had of any of the 2 locked dependencies"], 0),
        ([], ["NOT RUN: no advisories could be had of any of the 0 locked dependencies"], 0),
        ([GOOD, UNSEEN], ["unseen: not looked at (not found)", "1 looked at, 0 advisories"], 1),
        (
            [GOOD, BAD],
            ["bad 2.0: ADV-1, mended in 2.1, 3.0", "bad 2.0: ADV-2, mended in no version yet", "2 looked at, 2 advisories"],
            1,
        ),
    ],
)
def test_what_was_not_looked_at_is_told(dependencies, lines, code):
    assert told(dependencies) == (lines, code)
