"""Which evidence is taken from which family, and what is refused as evidence."""

from datetime import datetime, timedelta

import pytest

from bmc import witness

pytestmark = pytest.mark.dated

TIME = "2026-11-22T12:00:00+00:00"
COLD_AND_WARM = {"cold", "warm"}


@pytest.mark.parametrize(
    ("system", "family", "name", "value", "resets"),
    [
        ({"Oem": {"MetalPivot": {"ResetCount": 0}}}, "emulated", "MetalPivot.ResetCount", "0", COLD_AND_WARM),
        ({"Oem": {"MetalPivot": {}}, "LastResetTime": TIME}, "emulated", "LastResetTime", TIME, COLD_AND_WARM),
        ({"Manufacturer": "Dell Inc.", "LastResetTime": TIME}, "dell", "LastResetTime", TIME, COLD_AND_WARM),
        (
            {"Manufacturer": "HPE", "Oem": {"Hpe": {"CurrentPowerOnTimeSeconds": 7}}},
            "hpe",
            "Hpe.CurrentPowerOnTimeSeconds",
            "7",
            {"cold"},
        ),
        (
            {"Manufacturer": "Lenovo", "Oem": {"Lenovo": {"NumberOfReboots": 16}}},
            "lenovo",
            "Lenovo.NumberOfReboots",
            "16",
            COLD_AND_WARM,
        ),
        (
            {"Manufacturer": "Supermicro", "BootProgress": {"LastState": "OSRunning"}},
            "supermicro",
            "BootProgress.LastState",
            "OSRunning",
            set(),
        ),
        ({"Oem": {"OpenBmc": {}}, "LastResetTime": TIME}, "openbmc", "LastResetTime.ColdOnly", TIME, {"cold"}),
        ({"Oem": {"Nvidia": {}}, "LastResetTime": TIME}, "openbmc", "LastResetTime.ColdOnly", TIME, {"cold"}),
        ({"Manufacturer": "NVIDIA", "Oem": {"Ami": {}}, "LastResetTime": TIME}, "ami", "LastResetTime.ColdOnly", TIME, {"cold"}),
        ({"Manufacturer": "Sushy Emulator", "LastResetTime": TIME}, "unknown", "LastResetTime.ColdOnly", TIME, {"cold"}),
    ],
)
def test_a_family_offers_its_signal_for_what_it_latches(system, family, name, value, resets):
    assert witness.family(system).name == family
    assert witness.signals(system)[name] == value
    assert witness.latches(name) == resets


@pytest.mark.parametrize("empty", ["0000-00-00T00:00:00+00:00", "1970-01-01T00:00:00+00:00", "", None, 0, "soon", "20260101"])
@pytest.mark.parametrize("system", [{"Manufacturer": "Dell Inc."}, {"Oem": {"Nvidia": {}}}, {"Oem": {"MetalPivot": {}}}, {}])
def test_a_vendors_empty_time_is_no_evidence(system, empty):
    assert witness.signals({**system, "LastResetTime": empty, "BootProgress": {"LastStateTime": empty}}) == {}


@pytest.mark.parametrize("value", [True, -1, "16", None, 1.5])
def test_a_counter_of_another_form_is_no_evidence(value):
    assert witness.signals({"Manufacturer": "Lenovo", "Oem": {"Lenovo": {"NumberOfReboots": value}}}) == {}


def test_families_that_share_a_name_claim_the_same_of_it():
    for family in witness.FAMILIES:
        assert {name: witness.latches(name) for name in family.latches} == family.latches, family.name


def test_an_unknown_name_proves_nothing():
    assert witness.latches("Somebody.Counter") == set()


@pytest.mark.parametrize(
    ("name", "before", "after", "moved"),
    [
        ("Hpe.CurrentPowerOnTimeSeconds", "100", "160", False),
        ("Hpe.CurrentPowerOnTimeSeconds", "100", "3", True),
        ("Lenovo.NumberOfReboots", "16", "17", True),
        ("Lenovo.NumberOfReboots", "16", "16", False),
        ("LastResetTime", "2026-03-08T01:00:00-06:00", "2026-03-08T02:00:00-05:00", False),
        ("LastResetTime", "2026-03-08T01:00:00-06:00", "2026-03-08T01:00:00-05:00", True),
        ("LastResetTime", "2026-03-08T01:00:00-06:00", "2026-03-08T01:00:02-06:00", False),
        ("LastResetTime", "2026-03-08T01:00:00-06:00", "2026-03-08T01:00:03-06:00", True),
        ("BootProgress.LastState", "OSRunning", "None", True),
    ],
)
def test_a_signal_moves_when_its_meaning_does(name, before, after, moved):
    assert witness.moved(name, before, after) is moved


def test_a_signal_that_comes_or_goes_is_a_difference():
    assert witness.differ({"LastResetTime": TIME}, {})
    assert witness.differ({}, {"LastResetTime": TIME})
    assert not witness.differ({"LastResetTime": TIME}, {"LastResetTime": TIME})


NOON = "2026-11-22T12:00:00+00:00"


def later(seconds, start=NOON):
    return (datetime.fromisoformat(start) + timedelta(seconds=seconds)).isoformat()


def fate(name, before, after, *, elapsed=600.0, jump=0.0):
    """Of a signal read at noon by the BMC's clock, and again `elapsed` seconds later, when its clock had jumped."""
    first, last = witness.Sample(before, NOON, 100.0), witness.Sample(after, later(elapsed + jump), 100.0 + elapsed)
    return witness.classify_change(name, first, last)


@pytest.mark.parametrize(
    ("before", "after", "jump", "expected"),
    [
        (later(-3600), later(-3600), 0, "unchanged"),
        (later(-3600), later(-3599), 0, "unchanged"),
        (later(-3600), later(300), 0, "reset"),
        (later(-3600), later(-3600), 86_400, "unchanged"),
        (later(-86_400), later(-86_400), -3600, "unchanged"),
        (later(-3600), later(-3600), -7200, "unchanged"),
        (later(-3600), later(-3600), -3900, "lost"),
        (later(-3600), later(-3600), -1_700_000_000, "unchanged"),
        (later(-3600), later(-1800), 86_400, "lost"),
        (later(-3600), later(-1800), 0, "reset"),
        (later(-7200), later(-3600), 3604, "lost"),
        (later(-3600), later(82_800), 86_400, "lost"),
        (later(-3600), later(300), 86_400, "reset"),
        (later(-3600), later(86_700), 86_400, "reset"),
        (later(-1), later(-1), 0, "lost"),
        (later(-1), later(0), 0, "lost"),
        (later(-3600), later(-7200), 0, "lost"),
        (later(3600), later(300), 0, "reset"),
    ],
)
def test_a_time_is_held_against_the_bmcs_own_clock(before, after, jump, expected):
    assert fate("LastResetTime", before, after, jump=jump) == expected


def test_without_a_clock_only_the_same_time_is_the_same():
    sample = witness.Sample(NOON, "", 0.0)
    assert witness.classify_change("LastResetTime", sample, witness.Sample(NOON, "", 9.0)) == "unchanged"
    assert witness.classify_change("LastResetTime", sample, witness.Sample(later(1), "", 9.0)) == "lost"
    assert witness.classify_change("LastResetTime", sample, witness.Sample(later(3), "", 9.0)) == "reset"


def test_without_the_clock_that_was_there_before_a_time_that_moved_waits_for_it():
    sample = witness.Sample(later(-3600), NOON, 0.0)
    assert witness.classify_change("LastResetTime", sample, witness.Sample(later(-3600), "", 9.0)) == "unchanged"
    assert witness.classify_change("LastResetTime", sample, witness.Sample(later(90), "", 9.0)) == "open"
    assert witness.classify_change("LastResetTime", sample, witness.Sample(later(9), later(9), 9.0)) == "reset"
    assert (
        witness.classify_change("Lenovo.NumberOfReboots", witness.Sample("1", NOON, 0.0), witness.Sample("2", "", 9.0)) == "reset"
    )


@pytest.mark.parametrize(("time", "expected"), [(3, "open"), (7, "reset"), (9, "reset"), (14, "open"), (-3600, "unchanged")])
def test_a_time_between_the_last_look_at_the_old_one_and_this_one_is_a_reset_also_without_the_clock(time, expected):
    sample = witness.Sample(later(-3600), NOON, 0.0, again_at=8.0)
    assert witness.classify_change("LastResetTime", sample, witness.Sample(later(time), "", 10.0)) == expected


def test_a_time_without_a_zone_is_not_held_against_a_clock_that_has_one():
    assert fate("LastResetTime", "2026-11-22T13:00:00", "2026-11-22T13:00:00") == "unchanged"


@pytest.mark.parametrize("name", ["Lenovo.NumberOfReboots", "MetalPivot.ResetCount"])
@pytest.mark.parametrize(("after", "expected"), [("16", "unchanged"), ("17", "reset"), ("0", "lost"), ("15", "lost")])
def test_a_counter_of_resets_that_fell_was_begun_anew(name, after, expected):
    assert fate(name, "16", after) == expected


@pytest.mark.parametrize(
    ("after", "jump", "expected"),
    [
        ("7800", 0, "unchanged"),
        ("30", 0, "reset"),
        ("4200", -3600, "lost"),
        ("30", -3600, "reset"),
        ("7100", -10, "lost"),
        ("7100", 0, "lost"),
    ],
)
def test_a_counter_of_time_falls_with_a_reset_or_with_the_clock_it_is_reckoned_by(after, jump, expected):
    assert fate("Hpe.CurrentPowerOnTimeSeconds", "7200", after, jump=jump) == expected


@pytest.mark.parametrize(
    ("before", "after", "elapsed", "expected"),
    [
        ("60", "170", 110.0, "unchanged"),
        ("60", "145", 110.0, "unchanged"),
        ("60", "100", 110.0, "reset"),
        ("60", "61", 3600.0, "reset"),
        ("7200", "7201", 3600.0, "unchanged"),
    ],
)
def test_a_counter_of_time_that_lags_behind_was_begun_anew_unless_it_tells_of_more_than_went_by(before, after, elapsed, expected):
    assert fate("Hpe.CurrentPowerOnTimeSeconds", before, after, elapsed=elapsed) == expected


def test_a_restart_cause_that_changes_is_a_reset():
    assert fate("IPMI.RestartCause", "watchdog expired", "watchdog expired") == "unchanged"
    assert fate("IPMI.RestartCause", "watchdog expired", "chassis control command") == "reset"
