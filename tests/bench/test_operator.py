"""The webhooks of a stopped Baremetal Operator let writes pass, and judge again when it is started."""

import pytest

from harness.bench import operator as operator_webhooks
from harness.bench.undo import take_back, unfinished
from tests.steps.killed_move import killed_move

VALIDATING = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


def hook(name: str, group: str, policy: str = "Fail") -> dict:
    rule = {"apiGroups": [group], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["*"]}
    needed = {"clientConfig": {"url": "https://127.0.0.1:1/"}, "sideEffects": "None", "admissionReviewVersions": ["v1"]}
    return {"name": name, "rules": [rule], "failurePolicy": policy, **needed}


@pytest.fixture
async def bench(tmp_path):
    """In its source, the webhooks of an operator, with one that never refused, and one of somebody else."""
    async with killed_move(tmp_path, told=False) as made:
        hooks = [hook("a.b.c", "metal3.io"), hook("d.e.f", "metal3.io", "Ignore"), hook("g.h.i", "cluster.x-k8s.io")]
        await made.bench.clusters["source"].create(VALIDATING, {"metadata": {"name": "bmo"}, "webhooks": hooks})
        others = [hook("j.k.l", "infrastructure.cluster.x-k8s.io")]
        await made.bench.clusters["source"].create(VALIDATING, {"metadata": {"name": "capm3"}, "webhooks": others})
        yield made.bench


async def policies(bench, name: str = "bmo") -> list[str]:
    body = await bench.clusters["source"].get_json(f"{VALIDATING}/{name}")
    return [each["failurePolicy"] for each in body["webhooks"]]


async def test_only_the_operators_strict_webhooks_let_pass_and_they_alone_judge_again(bench):
    await operator_webhooks.relax_webhooks(bench, "source")
    assert await policies(bench) == ["Ignore", "Ignore", "Fail"]
    assert await policies(bench, "capm3") == ["Fail"]

    await operator_webhooks.restore_webhooks(bench, "target")
    assert await policies(bench) == ["Ignore", "Ignore", "Fail"]
    await operator_webhooks.restore_webhooks(bench, "source")
    assert await policies(bench) == ["Fail", "Ignore", "Fail"]
    assert not unfinished(bench.journal.entries)


async def test_what_was_let_pass_can_be_taken_back_from_the_journal(bench):
    await operator_webhooks.relax_webhooks(bench, "source")
    (item,) = unfinished(bench.journal.entries)
    await take_back(bench, item)
    await take_back(bench, item)

    assert await policies(bench) == ["Fail", "Ignore", "Fail"]
