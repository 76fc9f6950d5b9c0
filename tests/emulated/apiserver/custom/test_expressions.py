"""The CEL library behind its door, and what becomes of rules that it cannot judge."""

from typing import Any

import aiohttp
import pytest

from harness.emulated.apiserver import ApiServer
from harness.emulated.apiserver.custom.expressions import (
    CHARACTERS_MAX,
    UnsupportedExpressionError,
    ValuelessExpressionError,
    evaluate,
    program,
)
from tests.emulated.apiserver.client import Client
from tests.emulated.apiserver.samples import CRDS

LABEL = "^(Linux|LinuxSwap|LinuxRAID|LVM|Fat32|NTFS|LinuxExtended|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$"
CONDITIONS = "['Ready','Available','HealthCheckSucceeded','OwnerRemediated','ExternallyRemediated']"
RULES_OF_CLUSTER_API: tuple[tuple[str, Any, Any], ...] = (
    ("self.all(x, self.exists_one(y, x == y))", [{"a": 1}, {"a": 2}], [{"a": [1]}, {"a": [1]}]),
    ("self.all(x, self.exists_one(y, x.name == y.name))", [{"name": "a"}, {"name": "b"}], [{"name": "a"}, {"name": "a"}]),
    (f"!(self in {CONDITIONS})", "Other", "Ready"),
    (f"self.matches('{LABEL}')", "Linux", "linux"),
    ("[has(self.layout),has(self.diskLayout)].filter(x,x==true).size() == 1", {"layout": True}, {"layout": 1, "diskLayout": []}),
)
BEYOND_THE_LIBRARY = (
    "self.x ==",
    "self.?a.orValue(1) == 1",
    "isURL(self)",
    "quantity(self) > quantity('1Gi')",
    "self.x__dash__y == 1",
    "self + 1 == 2",
    "(" * 200 + "true" + ")" * 200,
    "1" + "+1" * CHARACTERS_MAX,
)


@pytest.mark.parametrize(("rule", "good", "bad"), RULES_OF_CLUSTER_API, ids=[rule for rule, _, _ in RULES_OF_CLUSTER_API])
def test_the_rules_of_cluster_api_are_judged(rule: str, good: Any, bad: Any) -> None:
    assert evaluate(rule, {"self": good}) is True
    assert evaluate(rule, {"self": bad}) is False


@pytest.mark.parametrize("rule", BEYOND_THE_LIBRARY, ids=[rule[:30] for rule in BEYOND_THE_LIBRARY])
def test_what_the_library_cannot_judge_is_told_apart(rule: str) -> None:
    with pytest.raises(UnsupportedExpressionError):
        evaluate(rule, {"self": "text"})


@pytest.mark.parametrize("rule", ["self.none == 1", "self.list[5] == 1", "1 / 0 == 1"])
def test_an_expression_without_a_value_is_an_error_on_every_server(rule: str) -> None:
    program(rule)
    with pytest.raises(ValuelessExpressionError):
        evaluate(rule, {"self": {"list": [1]}})


def definition(*rules: str) -> dict[str, Any]:
    spec = {
        "type": "object",
        "x-kubernetes-validations": [{"rule": each} for each in rules],
        "properties": {"size": {"type": "integer"}, "link": {"type": "string"}},
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
    }
    names = {"plural": "rules", "kind": "Rule"}
    return {
        "metadata": {"name": "rules.probe.test"},
        "spec": {"group": "probe.test", "scope": "Cluster", "names": names, "versions": [version]},
    }


async def posted(session: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any], list[str]]:
    async with session.post(path, json=body) as answer:
        return answer.status, await answer.json(), answer.headers.getall("Warning", [])


async def test_a_rule_that_cannot_be_judged_is_accepted_and_said(server: ApiServer, client: Client) -> None:
    body = definition("self.size >", "isURL(self.link)", "self.size < 5")
    unread = 'this emulated server does not check the validation rule \\"self.size >\\"'
    unknown = 'this emulated server does not check the validation rule \\"isURL(self.link)\\"'
    rule = {"apiVersion": "probe.test/v1", "kind": "Rule", "metadata": {"name": "one"}, "spec": {"size": 1, "link": "x"}}
    async with aiohttp.ClientSession(server.url) as session:
        code, _, warnings = await posted(session, CRDS, body)
        assert (code, len(warnings), unread in warnings[0]) == (201, 1, True)
        code, _, warnings = await posted(session, "/apis/probe.test/v1/rules", rule)
        assert (code, len(warnings)) == (201, 2)
        assert unread in warnings[0]
        assert unknown in warnings[1]
        code, answer, _ = await posted(session, "/apis/probe.test/v1/rules", rule | {"spec": {"size": 7, "link": "x"}})
        assert (code, "failed rule: self.size < 5" in answer["message"]) == (422, True)


async def test_a_rule_without_a_value_refuses_the_object(server: ApiServer, client: Client) -> None:
    rule = {"apiVersion": "probe.test/v1", "kind": "Rule", "metadata": {"name": "one"}, "spec": {"size": 1}}
    async with aiohttp.ClientSession(server.url) as session:
        await posted(session, CRDS, definition("self.link == 'x'"))
        code, answer, _ = await posted(session, "/apis/probe.test/v1/rules", rule)
    assert (code, "rule evaluation error: no such key: link" in answer["message"]) == (422, True)
