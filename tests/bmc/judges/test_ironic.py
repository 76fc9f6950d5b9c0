"""A real Ironic on every personality; needs the network once, for a venv of its own."""

import pytest

from bmc.redfish.personality import PERSONALITIES
from tests.bmc.judges.run_ironic import STEPS, judge


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.timeout(900)
async def test_ironic_manages_every_personality_as_a_real_bmc():
    outcomes = await judge()
    assert {each.name: each.says for each in outcomes} == dict.fromkeys(PERSONALITIES, "")
    assert all(each.done == tuple(step.__name__ for step in STEPS) for each in outcomes)
