"""A family of BMCs is one file, in the folder of families, in a directory of one's own, or in an installed package."""

import pytest

from bmc import witness
from bmc.errors import BmcError
from bmc.plugins import PluginError
from bmc.witness.family import Claim
from bmc.witness.known import GROUP, KnownFamilies
from tests.overlay import Overlay

FUJITSU = '''
"""Fujitsu iRMC: a counter of boots."""

from bmc.witness.family import COLD_AND_WARM, {claim}, Family, counter, inner

FAMILY = Family(
    name="fujitsu",
    recognises=lambda system: {recognises},
    signals=lambda system: {{"Fujitsu.Boots": counter(inner(system, "Oem", "ts_fujitsu", "Boots"))}},
    latches={{"Fujitsu.Boots": COLD_AND_WARM}},
    counts=frozenset({{"Fujitsu.Boots"}}),
)
'''
BY_MARK = FUJITSU.format(claim="has", recognises='has(system, "Oem", "ts_fujitsu")')
BY_MAKER = FUJITSU.format(claim="manufacturer_is", recognises='manufacturer_is(system, "fujitsu", "dell")')
SYSTEM = {"Manufacturer": "Dell Inc.", "Oem": {"ts_fujitsu": {"Boots": 7}}}

ASKED = f"""
from bmc import witness
print(witness.family({SYSTEM}).name, witness.signals({SYSTEM}), sorted(witness.latches("Fujitsu.Boots")))
print(witness.classify_change("Fujitsu.Boots", witness.Sample("7", "", 0.0), witness.Sample("8", "", 9.0)))
"""
ANSWERED = "fujitsu {'Fujitsu.Boots': '7'} ['cold', 'warm']\nreset\n"


def test_a_file_among_the_families_is_a_family(tmp_path):
    done = Overlay(tmp_path, {"bmc/witness/families/fujitsu.py": BY_MARK}).python("-c", ASKED)

    assert (done.stdout, done.stderr) == (ANSWERED, "")


def test_an_installed_package_brings_a_family(tmp_path):
    (tmp_path / "theirs.py").write_text(BY_MARK)
    about = tmp_path / "theirs-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{GROUP}]\nfujitsu = theirs\n")
    (tmp_path / "copy").mkdir()

    done = Overlay(tmp_path / "copy", {}).python("-c", f"import sys; sys.path.append({str(tmp_path)!r})\n{ASKED}")

    assert (done.stdout, done.stderr) == (ANSWERED, "")


def test_a_directory_brings_families(tmp_path):
    (tmp_path / "fujitsu.py").write_text(BY_MARK)
    known = KnownFamilies()

    known.add_directory(str(tmp_path))

    assert known.of(SYSTEM).name == "fujitsu"
    assert known.of({"Manufacturer": "Dell Inc."}).name == "dell"
    assert "fujitsu" not in [each.name for each in witness.FAMILIES]


def test_two_families_that_claim_a_bmc_alike_are_told(tmp_path):
    (tmp_path / "fujitsu.py").write_text(BY_MAKER)
    known = KnownFamilies()
    known.add_directory(str(tmp_path))

    with pytest.raises(BmcError, match=r"two families .* dell \(bmc.witness.families.dell\) and fujitsu \(families.fujitsu\)"):
        known.of({"Manufacturer": "Dell Inc."})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\n", r"mine\.py: `FAMILY`, a Family, is missing here"),
        ("FAMILY = 3\n", r"mine\.py: `FAMILY`, a Family, is missing here"),
        ("x = 1\nx = y\n", r"mine\.py:2: NameError: name 'y' is not defined"),
        ("x = 1\n\nx = (\n", r"mine\.py:3: SyntaxError"),
        ("import nothing_of_that_name\n", r"mine\.py:1: ModuleNotFoundError"),
    ],
)
def test_a_mistake_in_ones_own_family_is_told_at_its_place(tmp_path, text, says):
    (tmp_path / "mine.py").write_text(text)

    with pytest.raises(PluginError, match=says):
        KnownFamilies().add_directory(str(tmp_path))


def test_what_nobody_else_claims_is_unknown():
    assert [each.name for each in witness.FAMILIES if each.recognises({}) == Claim.LAST] == ["unknown"]
    assert witness.family({}).name == "unknown"
