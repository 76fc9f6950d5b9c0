"""Facts with shared parts say what they say without, and equal parts of them are one."""

import json
from typing import Any

import pytest

from harness.journal import shared_parts
from harness.journal.facts import ObjectSeen, StepBegan
from harness.journal.journal import FILE_NAME, Journal, decode, read
from harness.journal.shared_parts import SharedParts

BODY: dict[str, Any] = {
    "apiVersion": "v1",
    "spec": {"text": 'ä "quoted" \\ and \u2028', "count": 3, "share": 0.5, "no": False, "none": None, "list": [1, {"a": []}, ""]},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Available", "status": "True"}], "empty": {}},
}


def seen(body: dict[str, Any] | None = None, patch: dict[str, Any] | None = None) -> ObjectSeen:
    return ObjectSeen(
        cluster="source", change="added", kind="Thing", name="one", uid="u", resource_version="1", object=body, patch=patch
    )


def test_a_fact_with_shared_parts_is_the_same_fact(tmp_path):
    journal = Journal(tmp_path)
    facts = [seen(BODY), seen(patch=BODY), seen(), seen({}), seen(BODY | {"more": 1}), StepBegan(step="1", word="move")]
    recorded = [journal.record(fact).fact for fact in facts]
    journal.close()
    lines = (tmp_path / FILE_NAME).read_bytes().splitlines()

    assert recorded == facts
    assert [entry.fact for entry in read(tmp_path / FILE_NAME)] == facts
    assert [decode(line).fact for line in lines] == facts
    # Python takes true for 1: the texts tell them apart.
    assert [json.dumps(fact.object) for fact in recorded if isinstance(fact, ObjectSeen)] == [
        json.dumps(fact.object) for fact in facts if isinstance(fact, ObjectSeen)
    ]


def test_equal_parts_of_two_facts_are_one(tmp_path):
    journal = Journal(tmp_path)
    recorded = [journal.record(seen(json.loads(json.dumps(BODY)) | {"number": number})) for number in range(2)]
    journal.close()

    for entries in (recorded, list(read(tmp_path / FILE_NAME))):
        one, other = (entry.fact.object or {} for entry in entries if isinstance(entry.fact, ObjectSeen))
        assert one != other
        assert one["spec"] is other["spec"]
        assert one["status"]["conditions"][0] is other["status"]["conditions"][0]


def test_true_is_not_taken_for_one(tmp_path):
    journal = Journal(tmp_path)
    facts = [journal.record(seen({"spec": {"it": it}})).fact for it in (True, 1, 1.0, "1", None, False, 0)]
    journal.close()

    assert [repr(fact.object["spec"]["it"]) for fact in facts if isinstance(fact, ObjectSeen) and fact.object] == [
        "True", "1", "1.0", "'1'", "None", "False", "0",
    ]  # fmt: skip


def test_what_was_met_long_ago_is_forgotten(monkeypatch, tmp_path):
    monkeypatch.setattr(shared_parts, "PARTS_MAX", 10)
    parts = SharedParts()
    journal = Journal(tmp_path)
    entries = [journal.record(seen({"spec": {"number": f"{number}"}, "kept": {"a": "b"}})) for number in range(100)]
    journal.close()
    lines = (tmp_path / FILE_NAME).read_bytes().splitlines()

    assert [parts.decode(line) for line in lines] == [entry.fact for entry in entries]
    assert len(parts) <= 2 * (10 + 1)


@pytest.mark.parametrize("name", ["object", "patch"])
def test_a_fact_that_could_not_be_read_again_is_recorded_as_it_is(name, tmp_path):
    journal = Journal(tmp_path)
    fact = seen(**{"body" if name == "object" else name: ["no", "object"]})  # type: ignore[arg-type]
    recorded = journal.record(fact).fact
    journal.close()

    assert recorded is fact
