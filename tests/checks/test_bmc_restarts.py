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

    def __init__(self, *, bmc_time: str | None = None, **first) -> None:
        self.story = Story().sees("kube")
        self.story.host()
        self.story.sees("bmc", host="node-1")
        self.told = {"power": "On", "boot": {"target": "None"}, "media": {"Cd": ""}, "signals": {MANAGER: STARTED}} | first
        self.reads(bmc_time=bmc_time)
        self.story.begins_move()

    def reads(self, *, final: bool = False, at: float | None = None, bmc_time: str | None = None, **more) -> None:
        signals = self.told["signals"] | more.pop("signals", {})
        self.told |= {"signals": {name: value for name, value in signals.items() if value}} | more
        clock = noon(int(self.story.time + 1 if at is None else at)) if bmc_time is None else bmc_time
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


@pytest.mark.parametrize(("seconds", "verdict"), [(20, "unknown"), (300, "fail")])
def test_what_stays_otherwise_is_a_change_once_the_bmc_must_be_awake(seconds, verdict):
    bmc = Bmc(signals={MANAGER: STARTED, **LATCH})
    bmc.reads(signals={MANAGER: noon(4)}, power="Off")
    bmc.story.time = seconds
    judgement = bmc.judgement()
    assert judgement.verdict == verdict
    assert ("power went from On to Off" in judgement.says) is (verdict == "fail")


def test_a_bmc_may_have_started_while_it_did_not_show_its_own_part():
    bmc = Bmc(signals={MANAGER: STARTED, **LATCH})
    hidden = {"manager": "GET /x is answered 503"}
    bmc.reads(power="Off", unseen=hidden, signals={MANAGER: ""}, bmc_time="")
    bmc.reads(power="On")
    bmc.reads(unseen={}, signals={MANAGER: noon(4)})
    assert bmc.judgement().verdict == "pass"


def test_a_time_that_moved_while_no_clock_was_told_is_held_against_the_last_clock():
    bmc = Bmc(signals={"LastResetTime": BOOTED})
    hidden = {"manager": "GET /x is answered 503"}
    bmc.reads(unseen=hidden, bmc_time="")
    bmc.reads(signals={"LastResetTime": "2026-01-01T09:00:00Z"}, bmc_time="")
    bmc.told["unseen"] = {}
    bmc.story.move()
    bmc.reads(final=True, bmc_time="2026-01-03T21:00:27Z")
    assert of_host(bmc_untouched.check(bmc.story.ends().world())).verdict == "unknown"


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


@pytest.mark.parametrize(
    ("started", "powers", "verdict"),
    [
        (noon(0), ("Off", "On"), "pass"),
        (noon(0), ("Off", None, "On"), "pass"),
        (noon(0), ("On", "Off", "On"), "fail"),
        (noon(0), ("On", "Off"), "fail"),
        (noon(0), ("Off", "On", "Off"), "fail"),
        (STARTED, ("Off", "On"), "fail"),
    ],
)
def test_a_bmc_that_is_first_read_while_it_wakes_shows_no_power_that_came(started, powers, verdict):
    bmc = Bmc(power=powers[0], signals={MANAGER: started, **LATCH})
    for power in powers[1:]:
        bmc.reads(power=power)
    assert bmc.judgement().verdict == verdict


def test_a_bmc_that_hides_its_own_part_to_the_end_may_have_started():
    bmc = Bmc(signals={MANAGER: STARTED, **LATCH})
    bmc.reads(power="Off", unseen={"manager": "GET /x is answered 503"}, signals={MANAGER: ""}, bmc_time="")
    bmc.story.move()
    bmc.reads(final=True, bmc_time="")
    assert of_host(bmc_untouched.check(bmc.story.ends().world())).verdict == "unknown"


@pytest.mark.parametrize(("moved_to", "verdict"), [(noon(3), "fail"), ("2026-01-03T11:00:00Z", "unknown")])
def test_a_time_that_moved_before_any_clock_was_told_is_held_against_the_first_clock(moved_to, verdict):
    hidden = {"manager": "GET /x is answered 503"}
    bmc = Bmc(signals={"LastResetTime": BOOTED, MANAGER: ""}, unseen=hidden, bmc_time="")
    bmc.reads(signals={"LastResetTime": moved_to}, bmc_time="")
    bmc.reads(unseen={}, signals={MANAGER: STARTED})
    assert bmc.judgement().verdict == verdict


@pytest.mark.parametrize(
    ("clock", "verdict"),
    [("1970-01-01T00:00:03Z", "pass"), ("2000-01-01T00:00:03Z", "pass"), ("2026-01-01T00:00:03Z", "fail"), ("", "fail")],
)
def test_a_bmc_whose_clock_was_never_set_has_just_started(clock, verdict):
    bmc = Bmc(power="Off", signals=LATCH, bmc_time=clock)
    bmc.reads(power="On")
    assert bmc.judgement().verdict == verdict


def test_a_bmc_that_was_hidden_when_it_was_read_first_may_have_just_started():
    bmc = Bmc(power="Off", signals=LATCH, unseen={"manager": "GET /x is answered 503"}, bmc_time="")
    bmc.reads(power="On", bmc_time="")
    bmc.reads(unseen={}, signals={MANAGER: "2026-01-03T11:59:50Z"})
    assert bmc.judgement().verdict == "pass"
