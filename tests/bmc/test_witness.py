"""Which evidence is taken from which family, and what is refused as evidence."""

import pytest

from bmc import witness

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
    for family in witness._FAMILIES:
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
        ("BootProgress.LastState", "OSRunning", "None", True),
    ],
)
def test_a_signal_moves_when_its_meaning_does(name, before, after, moved):
    assert witness.moved(name, before, after) is moved


def test_a_signal_that_comes_or_goes_is_a_difference():
    assert witness.differ({"LastResetTime": TIME}, {})
    assert witness.differ({}, {"LastResetTime": TIME})
    assert not witness.differ({"LastResetTime": TIME}, {"LastResetTime": TIME})
