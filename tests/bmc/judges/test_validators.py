"""DMTF's validators on the emulated BMC, with sushy-emulator beside it; needs the network once, for a venv of its own."""

import pytest

from tests.bmc.judges.run_validators import PEER, SCHEMAS, Judged, Verdict, broken, judge, table

CLEAN, BAD = Verdict(9, 0, 0, 0), Verdict(9, 0, 46, 0)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.timeout(1100)
@pytest.mark.skipif(not SCHEMAS.is_file(), reason="../shared/redfish-csdl.tar.xz is not there")
async def test_every_personality_passes_the_validators(capsys):
    results = await judge()
    with capsys.disabled():
        print(f"\n{table(results)}")  # noqa: T201 - the table is the measurement
    assert broken(results) == []


def test_a_fail_would_be_noticed():
    peer = Judged(PEER, BAD, BAD)
    assert broken([Judged("ours", CLEAN, CLEAN), peer]) == []
    assert len(broken([Judged("ours", BAD, CLEAN), peer])) == 1
    assert len(broken([Judged("ours", CLEAN, BAD), peer])) == 1
