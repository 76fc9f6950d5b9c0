"""A real Ironic on every emulated BMC; needs the network once, for an environment of its own."""

import pytest

from tests.bmc.judges.run_ironic import judge, present, steps


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.timeout(900)
async def test_ironic_manages_every_emulated_bmc_as_a_real_one():
    outcomes = await judge()
    assert {each.name: each.says for each in outcomes} == dict.fromkeys(present(), "")
    assert all(each.done == tuple(step.__name__ for step in steps(each.name)) for each in outcomes)
