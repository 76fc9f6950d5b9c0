"""A BMC whose address nobody understands, or that sends bytes that are no UTF-8, takes nobody with it."""

import pytest

from bmc.errors import BmcError
from bmc.text import utf8
from harness.journal.facts import SightLost
from harness.journal.journal import Journal
from harness.sight.bmc import BmcSight
from harness.sight.unreadable_bmc import UnreadableBmc


async def test_each_look_at_it_fails_with_the_reason_of_its_address():
    bmc = UnreadableBmc(BmcError(kind="address", blame="us", says="'irmc' is no driver"))
    for look in (bmc.read, bmc.begin_requests, bmc.read_requests):
        with pytest.raises(BmcError, match="'irmc' is no driver"):
            await look()
    await bmc.close()


async def test_its_host_is_not_covered_and_the_reason_is_recorded(tmp_path):
    journal = Journal(tmp_path)
    error = BmcError(kind="address", blame="us", says="'irmc' is no driver")
    sight = BmcSight("node-1", UnreadableBmc(error), journal, interval_seconds=0.01, clients={})
    await sight.look()
    journal.close()
    lost = [entry.fact for entry in journal.entries if isinstance(entry.fact, SightLost)]
    assert lost
    assert all("'irmc' is no driver" in fact.says for fact in lost)


@pytest.mark.parametrize("data", [b'{"a": "b"}', '{"a": "\u00fc"}'.encode()])
def test_utf8_stays_as_it_is(data):
    assert utf8(data) is data


def test_what_is_no_utf8_is_read_with_the_odd_byte_replaced():
    assert utf8(b'{"AssetTag": "M\xfcller"}').decode() == '{"AssetTag": "M\ufffdller"}'
