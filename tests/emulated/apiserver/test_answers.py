"""Our answers against those of a real kube-apiserver v1.36.3, recorded on 2026-11-23; every difference is named here."""

import json
from pathlib import Path

import aiohttp

from harness.emulated.apiserver import ApiServer
from tests.emulated.apiserver.probes import PROBES, ask

RECORDED = Path(__file__).with_name("answers_of_1_36_3.json")

TEXT, TWICE, DEFAULTS = "words of the message", "upstream says it twice", "defaults of built-in kinds that no lab reads"
DIFFERENT = {
    "namespace bad name": TEXT,
    "definition created": "established at once, not a moment later",
    "group version": "no storageVersionHash",
    "create without kind": TEXT,
    "create neither of one": "the causes within the alternatives are not told",
    "create junk": TEXT,
    "get nothing acceptable": "YAML and protobuf are not answered",
    "merge other uid": TWICE,
    "json test fails": "no empty details",
    "json missing path": "no empty details",
    "list by bad label": TEXT,
    "list bad match": "reason of the cause",
    "list bad continue": TEXT,
    "watch junk version": "400, where upstream says 500",
    "new finalizer while deleting": TWICE,
    "method not allowed": "405, where upstream reads the body first",
    "deployment": DEFAULTS,
    "deployment status": DEFAULTS,
    "deployment strategic": DEFAULTS,
    "deployment selector": TEXT,
    "node": DEFAULTS,
    "node status": DEFAULTS,
    "event": DEFAULTS,
    "event by object": DEFAULTS,
    "access": "a review has no managedFields",
    "definition delete": "no Terminating condition",
    "held": "an empty map has a manager",
}


async def test_answers_are_those_of_a_real_server_but_for_what_is_named(server: ApiServer) -> None:
    recorded = json.loads(RECORDED.read_text())
    answered = {}
    async with aiohttp.ClientSession() as session:
        for probe in PROBES:
            answered[probe.name] = await ask(session, server.url, probe)
    assert list(recorded) == list(answered)
    assert {name for name in recorded if recorded[name] != answered[name]} == set(DIFFERENT)


def test_a_named_difference_is_in_words_or_small_print_only() -> None:
    """The status code, which clients branch on, differs in two probes and no more."""
    assert {name for name, why in DIFFERENT.items() if why[0].isdigit()} == {"watch junk version", "method not allowed"}
