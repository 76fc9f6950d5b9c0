"""An audit log that an API server posts to us in batches."""

import asyncio
import json

import aiohttp
import msgspec
import pytest

from harness.errors import UsageError
from harness.journal.facts import ApiWrite, SightBegan, SightEnded, SightLost
from harness.journal.journal import Journal
from harness.sight.audit.events import AuditReader
from harness.sight.audit.limits import AuditLimits
from harness.sight.audit.webhook import AuditWebhookSight
from tests.sight.audit.writing import event

LIMITS = AuditLimits(told_lines=2, post_bytes=100_000)


def without_kind(item):
    """As a kube-apiserver 1.36.3 posts it (seen on 2026-11-30): items of a list do not say what they are."""
    return {name: it for name, it in item.items() if name not in ("kind", "apiVersion")} if isinstance(item, dict) else item


class Posted:
    """The sight, and who posts to it."""

    def __init__(self, directory):
        self.journal = Journal(directory / "run")
        self.sight = AuditWebhookSight("source", self.journal, AuditReader("source", self.journal.now), LIMITS)

    async def post(self, *items, kind="EventList", raw=None):
        body = (
            raw
            or json.dumps(
                {"kind": kind, "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": [without_kind(item) for item in items]}
            ).encode()
        )
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.sight.url}/?timeout=30s", data=body, headers={"Content-Type": "application/json"}) as answer,
        ):
            return answer.status

    def facts(self, shape):
        return [entry.fact for entry in self.journal.entries if isinstance(entry.fact, shape)]


@pytest.fixture
async def hook(tmp_path):
    hook = Posted(tmp_path)
    await hook.sight.start("127.0.0.1", 0)
    task = asyncio.create_task(hook.sight.run())
    await asyncio.wait_for(hook.sight.ready.wait(), 8)
    yield hook
    task.cancel()
    await asyncio.wait([task])
    await hook.sight.stop()
    hook.journal.close()


async def test_every_write_of_a_batch_is_told(hook):
    assert await hook.post(event(name="one"), event("get"), event(name="two")) == 200
    await hook.sight.final()
    assert [(fact.cluster, fact.name) for fact in hook.facts(ApiWrite)] == [("source", "one"), ("source", "two")]
    assert hook.facts(SightBegan) == [SightBegan(sight="audit", cluster="source")]
    (ended,) = hook.facts(SightEnded)
    assert not ended.complete
    assert "still holds back" in ended.says


async def test_a_bad_item_does_not_take_the_others_with_it(hook):
    assert await hook.post({"stage": "Panic"}, 7, event(name="one")) == 200
    assert [fact.name for fact in hook.facts(ApiWrite)] == ["one"]
    assert len(hook.facts(SightLost)) == 2


@pytest.mark.parametrize(
    ("more", "status"), [({"raw": b"no JSON"}, 400), ({"kind": "PodList"}, 400), ({"raw": b"x" * 200_000}, 413)]
)
async def test_what_is_no_batch_is_refused_and_told(hook, more, status):
    assert await hook.post(**more) == status
    assert len(hook.facts(SightLost)) == (status == 400)
    assert await hook.post(event(name="one")) == 200
    assert [fact.name for fact in hook.facts(ApiWrite)] == ["one"]


async def test_very_many_bad_ones_are_told_twice(hook):
    for _ in range(5):
        await hook.post(raw=b"{")
    assert [fact.says.endswith("no more of it is told") for fact in hook.facts(SightLost)] == [False, True]


async def test_an_address_that_is_taken_is_a_mistake_of_the_lab_file(hook, tmp_path):
    other = AuditWebhookSight("target", hook.journal, AuditReader("target", hook.journal.now), msgspec.structs.replace(LIMITS))
    port = int(hook.sight.url.rpartition(":")[2])
    with pytest.raises(UsageError, match=r"`audit`: nothing can be posted to 127\.0\.0\.1 port"):
        await other.start("127.0.0.1", port)
