"""One event of an audit log becomes a write with its interval, or nothing, or is told as none."""

import json

import pytest

from harness.journal.facts import ApiWrite
from harness.sight.audit.events import CLOCKS_DIFFER_SECONDS, TEXT_CHARACTERS_MAX, AuditEventError, AuditReader
from tests.sight.audit.writing import MOMENT, event

SERVER = 1796040001.2
"""The server's clock when the event was answered."""


def reader(*, now: float = 10.0, wall: float = SERVER) -> AuditReader:
    return AuditReader("target", lambda: now, lambda: wall)


def read(made: dict, **clocks: float):
    return reader(**clocks).read(json.dumps(made).encode())


def test_a_write_that_was_answered_is_told_with_user_program_and_object():
    assert read(event()).fact == ApiWrite(
        cluster="target",
        user="anna",
        verb="patch",
        resource="baremetalhosts",
        name="node-1",
        namespace="metal3",
        user_agent="kubectl/v1.36.3 (linux/amd64)",
        code=200,
        time=f"{MOMENT}.200000Z",
    )


def test_who_acts_as_somebody_else_is_told_as_both():
    assert read(event(impersonatedUser={"username": "bert"})).fact.user == "anna as bert"


def test_a_status_and_a_refusal_are_told_as_such():
    fact = read(event(reference={"subresource": "status"}, responseStatus={"code": 409})).fact
    assert (fact.subresource, fact.code) == ("status", 409)


@pytest.mark.parametrize(
    "made",
    [
        event("get"),
        event("watch"),
        event(stage="RequestReceived"),
        event(stage="ResponseStarted"),
        event(reference={"resource": "leases"}),
        event(reference={"resource": "subjectaccessreviews"}),
        event(requestURI="/api/v1/namespaces/a/configmaps/b?dryRun=All"),
        {name: it for name, it in event().items() if name != "objectRef"},
    ],
)
def test_what_writes_nothing_is_no_write(made):
    assert read(made) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"kind": "Event"}',
        json.dumps(event(stageTimestamp="yesterday")).encode(),
        json.dumps(event(stageTimestamp="2026-11-30T12:00:01")).encode(),
        json.dumps(event(user=["anna"])).encode(),
        json.dumps(event(kind="Pod")).encode(),
        json.dumps(event(verb=7)).encode(),
        b"\xff\xfe" + json.dumps(event()).encode(),
    ],
)
def test_what_is_no_event_is_an_error_of_one_line(raw):
    with pytest.raises(AuditEventError, match="no event of an audit log") as caught:
        reader().read(raw)
    assert "\n" not in str(caught.value)


def test_a_write_is_dated_by_the_servers_clock_with_room_for_a_difference():
    seen = read(event(), now=10.0, wall=SERVER + 3)
    assert seen.since == pytest.approx(10 - 3 - 0.1 - CLOCKS_DIFFER_SECONDS)
    assert seen.at == pytest.approx(10 - 3 + CLOCKS_DIFFER_SECONDS)


def test_nothing_is_heard_of_before_it_happened_so_a_server_ahead_of_us_is_corrected():
    seen = read(event(), now=10.0, wall=SERVER - 60)
    assert (seen.since, seen.at) == (pytest.approx(9.9 - CLOCKS_DIFFER_SECONDS), 10.0)


def test_texts_are_bounded():
    assert len(read(event(user="a" * 10_000)).fact.user) == TEXT_CHARACTERS_MAX
