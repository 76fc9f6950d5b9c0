"""firmware_unchanged: what operators show of a server's firmware and of its BIOS settings, in each life of their objects."""

from typing import Any

import pytest

from harness.checks import firmware_unchanged
from harness.journal.facts import Body, FieldManager
from harness.judgement import Judgement
from tests.checks.history import Story, of_host

FIRMWARE, SETTINGS = "HostFirmwareComponents", "HostFirmwareSettings"
USER = FieldManager(manager="kubectl", paths=["spec.updates"])


def firmware(version: str = "1.00", *, uid: str = "copy", **more: Any) -> Body:
    component = {"component": "bios", "currentVersion": version, "initialVersion": "0.9", **more}
    return {"metadata": {"name": "node-1", "uid": uid}, "spec": {"updates": []}, "status": {"components": [component]}}


def settings(*, uid: str = "copy", **values: str) -> Body:
    status = {"settings": {"Turbo": "Enabled", **values}, "schema": {"name": "schema-1", "namespace": "metal3"}}
    return {"metadata": {"name": "node-1", "uid": uid}, "spec": {"settings": {}}, "status": status}


def judged(*versions: Body, kind: str = FIRMWARE, blind: bool = False, managers: Any = ()) -> Judgement:
    """The versions in the target, after the origin showed version 1.00 and Turbo enabled."""
    story = Story().sees("mover", "kube")
    if blind:
        story.tell_lost("kube")
    schema = {"spec": {"schema": {"Date": {"read_only": True}}}}
    story.object("target", "FirmwareSchema", "schema-1", schema)
    story.object("source", FIRMWARE, "node-1", firmware(uid="old"))
    story.object("source", SETTINGS, "node-1", settings(uid="old"))
    story.host()
    story.move()
    for number, version in enumerate(versions):
        story.object("target", kind, "node-1", version, "modified" if number else "added", managers=managers)
    return of_host(firmware_unchanged.check(story.ends().world()))


WISH = {**firmware(), "spec": {"updates": [{"component": "bios", "url": "http://x"}]}}
KEPT = {
    "nothing shown in the target": (FIRMWARE, []),
    "the same": (FIRMWARE, [firmware(), firmware()]),
    "the same in other words": (FIRMWARE, [firmware("1.0"), firmware("1.0")]),
    "a status that is still empty": (FIRMWARE, [{"metadata": {"name": "node-1", "uid": "copy"}}, firmware()]),
    "a first version of its own": (FIRMWARE, [firmware(initialVersion="1.00")]),
    "another component more": (SETTINGS, [settings(More="1"), settings(More="1")]),
    "the same settings": (SETTINGS, [settings(), settings()]),
    "a read-only setting": (SETTINGS, [settings(Date="1"), settings(Date="2")]),
}
BROKEN = {
    "another version": (FIRMWARE, [firmware(), firmware("1.01")], "the firmware of its bios was changed from 1.00 to 1.01"),
    "for one version": (FIRMWARE, [firmware(), firmware("9"), firmware()], "from 1.00 to 9"),
    "the same version flashed": (
        FIRMWARE,
        [firmware(), firmware(lastVersionFlashed="1.00")],
        "(lastVersionFlashed) from none to 1.00",
    ),
    "another setting": (SETTINGS, [settings(), settings(Turbo="Disabled")], "its BIOS setting Turbo was changed from Enabled"),
}
UNSURE = {
    "another version on arrival": (FIRMWARE, [firmware("1.01")], "before the move or in it, was not seen"),
    "another setting on arrival": (SETTINGS, [settings(Turbo="Disabled")], "before the move or in it, was not seen"),
}


@pytest.mark.parametrize(("kind", "versions"), KEPT.values(), ids=KEPT)
def test_kept(kind, versions):
    assert judged(*versions, kind=kind).verdict == "pass"


@pytest.mark.parametrize(("kind", "versions", "says"), BROKEN.values(), ids=BROKEN)
def test_broken(kind, versions, says):
    said = judged(*versions, kind=kind)

    assert (said.verdict, says in said.says) == ("fail", True), said.says
    assert "by whom was not seen" in said.says


@pytest.mark.parametrize(("kind", "versions", "says"), UNSURE.values(), ids=UNSURE)
def test_unsure(kind, versions, says):
    said = judged(*versions, kind=kind)

    assert (said.verdict, says in said.says) == ("unknown", True), said.says


def test_who_asked_for_another_version_is_named():
    said = judged(firmware(), WISH, {**firmware("1.01"), "spec": WISH["spec"]}, managers=[USER])

    assert said.verdict == "fail"
    assert "as asked by field manager kubectl" in said.says


def test_blind_a_change_is_told_and_the_same_is_not_known():
    assert judged(firmware(), firmware("2"), blind=True).verdict == "fail"
    assert judged(firmware(), blind=True).verdict == "unknown"
