"""bmc_untouched beside a BMC that restarts, forgets, repeats and re-dates, or shows a part of itself only."""

import pytest

from harness.checks import bmc_untouched
from harness.journal import facts
from tests.checks.history import Story, of_host

COLD, WARM, MANAGER = "LastResetTime.ColdOnly", "Lenovo.NumberOfReboots", "Manager.LastResetTime"
BOOTED, STARTED = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
LATCH = {WARM: "16"}
"""What proves by itself that no reset was done, so that only what is tried here can stand in the way."""


def noon(seconds: int) -> str:
    return f"2026-01-03T12:{seconds // 60:02}:{seconds % 60:02}Z"


class Bmc:
    """A story of one host without a record of requests; what a reading tells is what the one before told, but for what is new."""

    def __init__(self, **first) -> None:
        self.story = Story().sees("kube")
        self.story.host()
        self.story.sees("bmc", host="node-1")
        self.told = {"power": "On", "boot": {"target": "None"}, "media": {"Cd": ""}, "signals": {MANAGER: STARTED}} | first
        self.reads()
        self.story.begins_move()

    def reads(self, *, final: bool = False, at: float | None = None, **more) -> None:
        signals = self.told["signals"] | more.pop("signals", {})
        self.told |= {"signals": {name: value for name, value in signals.items() if value}} | more
        clock = noon(int(self.story.time + 1 if at is None else at))
        self.story.tell(facts.BmcRead(host="node-1", bmc_time=clock, final=final, **self.told), at=at)

    def judgement(self):
        self.story.move()
        self.reads(final=True)
        return of_host(bmc_untouched.check(self.story.ends().world()))


def test_a_time_that_moves_to_the_bmcs_own_start_is_no_reset():
    for later in (0, 40):
        bmc = Bmc(signals={MANAGER: STARTED, COLD: BOOTED})
        bmc.reads(signals={MANAGER: noon(4), COLD: noon(4 + later)})
        assert bmc.judgement().verdict == "unknown"


def test_a_time_that_follows_the_bmcs_own_start_in_a_later_reading_is_no_reset():
    bmc = Bmc(signals={MANAGER: STARTED, COLD: BOOTED})
    bmc.reads(signals={MANAGER: noon(4)})
    bmc.reads(signals={COLD: noon(5)})
    assert bmc.judgement().verdict == "unknown"


def test_a_time_that_moves_without_a_start_of_the_bmc_is_a_reset():
    bmc = Bmc(signals={MANAGER: STARTED, COLD: BOOTED})
    bmc.reads(signals={COLD: noon(4)})
    assert bmc.judgement().verdict == "fail"


def test_a_time_long_after_the_bmcs_own_start_is_a_reset():
    bmc = Bmc(signals={MANAGER: STARTED, COLD: BOOTED})
    bmc.reads(signals={MANAGER: noon(4)})
    bmc.reads(signals={COLD: noon(600)}, at=601)
    assert bmc.judgement().verdict == "fail"


def test_a_family_that_dates_nothing_anew_was_reset_whenever_its_time_moved():
    bmc = Bmc(signals={MANAGER: STARTED, "LastResetTime": BOOTED})
    bmc.reads(signals={MANAGER: noon(4)})
    bmc.reads(signals={"LastResetTime": noon(6)})
    assert bmc.judgement().verdict == "fail"


def test_where_the_bmcs_own_start_is_not_shown_a_time_that_it_may_have_dated_proves_nothing():
    bmc = Bmc(signals={COLD: BOOTED, MANAGER: ""}, unseen={"manager": "GET … is answered 403"})
    bmc.reads(signals={COLD: noon(4)})
    assert bmc.judgement().verdict == "unknown"


def test_an_old_time_that_is_repeated_is_no_reset():
    bmc = Bmc(signals={MANAGER: STARTED, "LastResetTime": STARTED})
    bmc.reads(signals={"LastResetTime": BOOTED})
    judgement = bmc.judgement()
    assert judgement.verdict == "unknown"
    assert "proves nothing any more" in judgement.says


WAKING = {
    "power off": {"power": "Off"},
    "power on its way": {"power": "PoweringOn"},
    "next boot": {"boot": {"target": "Pxe"}},
    "media gone": {"media": {"Cd": "", "Floppy": ""}},
    "a counter begun anew": {"signals": {WARM: "0"}},
    "an older time": {"signals": {"LastResetTime": "2025-01-01T00:00:00Z"}},
}


@pytest.mark.parametrize("shown", WAKING)
def test_what_a_waking_bmc_shows_for_a_while_never_was(shown):
    first = {"media": {"Cd": "", "Floppy": "http://tools"}, "signals": {MANAGER: STARTED, "LastResetTime": BOOTED, **LATCH}}
    bmc = Bmc(**first)
    known = {name: bmc.told[name] for name in WAKING[shown]}
    bmc.reads(
        signals={MANAGER: noon(4), **WAKING[shown].get("signals", {})},
        **{k: v for k, v in WAKING[shown].items() if k != "signals"},
    )
    bmc.reads(**known)
    assert bmc.judgement().verdict == "pass"


@pytest.mark.parametrize("shown", ["power off", "next boot"])
def test_the_same_of_a_bmc_that_did_not_start_was_so(shown):
    bmc = Bmc(signals={MANAGER: STARTED, **LATCH})
    known = {name: bmc.told[name] for name in WAKING[shown]}
    bmc.reads(**WAKING[shown])
    bmc.reads(**known)
    assert bmc.judgement().verdict == "fail"


def test_what_stays_otherwise_after_a_bmcs_start_is_a_change():
    bmc = Bmc(signals={MANAGER: STARTED, **LATCH})
    bmc.reads(signals={MANAGER: noon(4)}, power="Off")
    judgement = bmc.judgement()
    assert judgement.verdict == "fail"
    assert "power went from On to Off" in judgement.says


def test_what_comes_back_long_after_a_bmcs_start_was_a_change():
    bmc = Bmc(signals={MANAGER: STARTED, **LATCH})
    bmc.reads(signals={MANAGER: noon(4)}, power="Off")
    bmc.reads(power="On", at=300)
    assert bmc.judgement().verdict == "fail"


def test_a_reset_beside_a_bmcs_start_is_found_by_what_latches_it():
    bmc = Bmc(signals={MANAGER: STARTED, **LATCH})
    bmc.reads(signals={MANAGER: noon(4), WARM: "17"}, power="Off")
    bmc.reads(power="On")
    assert bmc.judgement().verdict == "fail"


@pytest.mark.parametrize("part", ["media", "media Cd", "boot"])
def test_a_part_that_is_refused_at_the_end_is_named_where_the_readings_alone_must_prove(part):
    bmc = Bmc(signals=LATCH, media={}, unseen={part: "GET /x is answered 403"})
    judgement = bmc.judgement()
    assert judgement.verdict == "unknown"
    assert judgement.says == f"its {part} is not shown at the end (GET /x is answered 403)"


@pytest.mark.parametrize("part", ["manager", "hours", "cause"])
def test_a_part_that_shows_nothing_that_must_stay_is_not_needed(part):
    assert Bmc(signals=LATCH, unseen={part: "GET /x is answered 403"}).judgement().verdict == "pass"


@pytest.mark.parametrize("lost", [{"media": {}}, {"power": None}, {"boot": {}}])
def test_what_was_shown_before_and_is_not_at_the_end_is_not_proven(lost):
    bmc = Bmc(signals=LATCH)
    bmc.told |= lost
    judgement = bmc.judgement()
    assert judgement.verdict == "unknown"
    assert "was shown before, and is not at the end" in judgement.says


def test_a_whole_record_needs_no_part_of_a_reading():
    story = Story().sees("kube")
    story.host()
    story.sees("bmc", "bmc_requests", host="node-1").begins_move()
    story.tell(facts.BmcRead(host="node-1", power="On", unseen={"media": "GET /x is answered 403"}))
    assert of_host(bmc_untouched.check(story.move().ends().world())).verdict == "pass"


def test_a_bmc_that_does_not_know_when_it_started_did_start():
    bmc = Bmc(signals={MANAGER: STARTED, **LATCH})
    bmc.reads(signals={MANAGER: ""}, power="Off")
    bmc.reads(power="On")
    bmc.reads(signals={MANAGER: noon(4)})
    assert bmc.judgement().verdict == "pass"
