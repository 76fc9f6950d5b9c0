"""bmc_untouched: who asked what, what latches, and when we did not see enough."""

import pytest

from harness.checks import bmc_untouched
from harness.journal import facts
from tests.checks.history import Story, host_body, of_host

THIRD = "a third party (192.0.2.66)"
RESET = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"


def watched(**more) -> Story:
    story = Story(**more).sees("kube")
    story.host()
    return story.sees("bmc", "bmc_requests", host="node-1").begins_move()


def request(story: Story, method: str, path: str, body: str = "", **more) -> None:
    story.tell(facts.BmcRequest(host="node-1", method=method, path=path, status=204, body=body, **more))


def read(story: Story, *, final: bool = False, power: str = "On", at: float | None = None, **more) -> None:
    story.tell(facts.BmcRead(host="node-1", power=power, final=final, **more), at=at)


def judge(story: Story):
    return of_host(bmc_untouched.check(story.ends().world()))


def test_a_whole_record_without_a_harmful_request_passes():
    story = watched()
    request(story, "GET", "/redfish/v1/Systems/1")
    request(story, "POST", "/redfish/v1/SessionService/Sessions")

    assert judge(story.move()).verdict == "pass"


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("POST", RESET, '{"ResetType": "ForceRestart"}', "Reset ForceRestart"),
        ("POST", RESET, "", "Reset of unknown type"),
        ("POST", RESET, "not json", "Reset of unknown type"),
        ("POST", "/redfish/v1/Managers/1/Actions/Manager.Reset", "{}", "reset of the BMC itself"),
        ("PATCH", "/redfish/v1/Systems/1", '{"Boot": {"BootSourceOverrideTarget": "Pxe"}}', "boot override Pxe"),
        ("POST", "/redfish/v1/Managers/1/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia", "{}", "media insert"),
        ("PATCH", "/redfish/v1/Managers/1/VirtualMedia/Cd", '{"Image": "http://x", "Inserted": true}', "media insert"),
        ("PATCH", "/redfish/v1/Systems/1", '{"Boot": {"Boo', "a change of the system that cannot be read"),
        ("POST", "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate", "{}", "firmware update"),
        ("DELETE", "/redfish/v1/Systems/1/Storage/1/Volumes/2", "", "change of disk volumes"),
        ("PATCH", "/redfish/v1/Systems/1/Bios/Settings", "{}", "change of BIOS settings"),
    ],
)
def test_a_harmful_request_fails_and_is_named(method, path, body, says):
    story = watched()
    request(story, method, path, body, client="ironic-source")
    judgement = judge(story.move())

    assert judgement.verdict == "fail"
    assert f"{says} by the Ironic of the source" in judgement.says


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/redfish/v1/Managers/1/VirtualMedia/Cd/Actions/VirtualMedia.EjectMedia", "{}"),
        ("PATCH", "/redfish/v1/Managers/1/VirtualMedia/Cd", '{"Inserted": false}'),
        ("PATCH", "/redfish/v1/Systems/1", '{"Boot": {"BootSourceOverrideTarget": "Hdd"}}'),
        ("PATCH", "/redfish/v1/Systems/1", '{"IndicatorLED": "Lit"}'),
        ("DELETE", "/redfish/v1/SessionService/Sessions/1", ""),
    ],
)
def test_what_a_healthy_adoption_asks_is_harmless(method, path, body):
    story = watched()
    request(story, method, path, body)

    assert judge(story.move()).verdict == "pass"


def test_an_asker_that_the_lab_does_not_know_is_a_third_party_with_its_address():
    story = watched()
    request(story, "POST", RESET, address="10.0.0.66", user_agent="curl/8")

    assert "third party (10.0.0.66, curl/8)" in judge(story.move()).says


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"signals": {"LastResetTime": "2026-01-01T00:00:00Z"}}, {"signals": {"LastResetTime": "2026-01-02T00:00:00Z"}}),
        ({}, {"power": "Off"}),
        ({}, {"boot": {"target": "Pxe"}}),
        ({"media": {"Cd": ""}}, {"media": {"Cd": "http://evil"}}),
    ],
)
def test_a_changed_reading_fails_although_nobody_was_seen(before, after):
    story = watched()
    read(story, **before)
    read(story, **after)
    judgement = judge(story.move())

    assert judgement.verdict == "fail"
    assert "by whom was not seen" in judgement.says


def unrecorded() -> Story:
    story = Story().sees("kube")
    story.host()
    return story.sees("bmc", host="node-1")


def test_without_a_record_a_latched_signal_that_is_unchanged_at_the_end_proves_it():
    story = unrecorded()
    read(story, signals={"LastResetTime": "2026-01-01T00:00:00Z"})
    story.move()
    read(story, signals={"LastResetTime": "2026-01-01T00:00:00Z"}, final=True)

    assert judge(story).verdict == "pass"


def test_without_a_record_and_without_a_latch_nothing_is_proven():
    story = unrecorded()
    read(story)
    story.move()
    read(story, final=True)

    assert judge(story).verdict == "unknown"


def test_a_latch_that_only_a_loss_of_power_moves_proves_nothing_about_warm_resets():
    story = unrecorded()
    read(story, signals={"LastResetTime.ColdOnly": "2026-01-01T00:00:00Z"})
    story.move()
    read(story, signals={"LastResetTime.ColdOnly": "2026-01-01T00:00:00Z"}, final=True)

    assert judge(story).verdict == "unknown"


def test_a_reboot_counter_that_moved_is_a_reset_and_one_that_did_not_is_a_proof():
    for after, verdict in (("16", "pass"), ("17", "fail")):
        story = unrecorded()
        read(story, signals={"Lenovo.NumberOfReboots": "16"})
        story.move()
        read(story, signals={"Lenovo.NumberOfReboots": after}, final=True)

        assert judge(story).verdict == verdict


def test_the_same_moment_in_another_time_zone_is_no_reset():
    story = watched()
    read(story, signals={"LastResetTime": "2026-03-29T00:00:00+00:00"})
    read(story, signals={"LastResetTime": "2026-03-29T01:00:00+01:00"})

    assert judge(story.move()).verdict == "pass"


def test_a_latch_that_was_not_read_at_the_end_proves_nothing():
    story = unrecorded()
    read(story, signals={"LastResetTime": "2026-01-01T00:00:00Z"})
    read(story, signals={"LastResetTime": "2026-01-01T00:00:00Z"}, boot={"mode": "UEFI"})

    assert judge(story.move()).verdict == "unknown"


def silent(story: Story, seconds: float, *, complete: bool = True) -> None:
    since = story.time
    for sight in ("bmc", "bmc_requests"):
        story.tell(facts.SightLost(sight=sight, host="node-1", says="it is silent"), since=since, at=since + 0.1)
    for sight in ("bmc", "bmc_requests"):
        story.tell(facts.SightRegained(sight=sight, host="node-1", complete=complete), since=since, at=since + seconds)


def test_a_bmc_that_was_silent_for_most_of_the_move_was_not_watched_whatever_it_tells_afterwards():
    story = watched()
    story.tell(facts.MoverStarted(mover=1, origin="source", destination="target"))
    silent(story, 18)
    story.tell(facts.MoverEnded(mover=1, code=0))
    judgement = judge(story)

    assert judgement.verdict == "unknown"
    assert "did not answer" in judgement.says


def test_a_short_silence_that_the_log_bridges_loses_nothing():
    story = watched()
    story.tell(facts.MoverStarted(mover=1, origin="source", destination="target"))
    silent(story, 5)
    request(story, "GET", "/redfish/v1/Systems/1", client="ironic-target")
    story.tell(facts.MoverEnded(mover=1, code=0), at=story.time + 20)

    assert judge(story).verdict == "pass"


def test_a_short_silence_after_which_the_log_begins_anew_is_unknown():
    story = watched()
    silent(story, 5, complete=False)

    assert judge(story.move()).verdict == "unknown"


def test_a_reset_before_anybody_promised_anything_is_not_judged():
    story = Story().sees("kube").sees("bmc_requests", host="node-1")
    request(story, "POST", RESET)
    story.host()

    assert judge(story.move()).verdict == "pass"


RESET_TIME = {"LastResetTime": "2026-01-01T00:00:00Z"}


def test_a_reset_behind_a_reading_that_told_nothing_is_still_seen():
    story = unrecorded()
    read(story, signals=RESET_TIME)
    story.move()
    read(story, power=None)
    read(story, signals={"LastResetTime": "2026-01-02T00:00:00Z"}, final=True)

    assert judge(story).verdict == "fail"


def test_power_that_was_not_told_for_a_while_is_held_against_what_was_known():
    story = watched()
    read(story, power="On")
    read(story, power=None)
    read(story, power="Off")

    assert "power went from On to Off" in judge(story.move()).says


def test_media_and_boot_that_a_bmc_does_not_tell_for_a_while_are_no_change():
    story = watched()
    for more in (
        {"media": {"Cd": "http://x"}, "boot": {"target": "Cd"}},
        {},
        {"media": {"Cd": "http://x"}, "boot": {"target": "Cd"}},
    ):
        read(story, **more)

    assert judge(story.move()).verdict == "pass"


def test_a_witness_that_was_first_read_when_the_move_had_begun_proves_nothing():
    story = unrecorded()
    story.move()
    read(story, signals=RESET_TIME)
    read(story, signals=RESET_TIME, final=True)
    judgement = judge(story)

    assert judgement.verdict == "unknown"
    assert "first read at" in judgement.says


def test_a_counter_that_its_bmc_began_anew_proves_nothing_either_way():
    story = unrecorded()
    read(story, signals={"Lenovo.NumberOfReboots": "16"})
    story.move()
    read(story, signals={"Lenovo.NumberOfReboots": "0"}, final=True)
    judgement = judge(story)

    assert judgement.verdict == "unknown"
    assert "began anew" in judgement.says


def test_what_the_readings_show_before_anybody_promised_anything_is_not_judged():
    story = Story().sees("kube").sees("bmc", "bmc_requests", host="node-1")
    read(story, signals=RESET_TIME)
    read(story, signals={"LastResetTime": "2026-01-02T00:00:00Z"})
    story.host()

    assert judge(story.move()).verdict == "pass"


def test_a_reset_is_told_since_the_last_reading_that_told_the_signal():
    story = unrecorded()
    read(story, signals=RESET_TIME)
    story.move()
    read(story, power=None)
    read(story, signals={"LastResetTime": "2026-01-02T00:00:00Z"}, final=True)
    world = story.ends().world()
    first, _, last = world.reads["node-1"]
    judgement = of_host(bmc_untouched.check(world))

    assert list(judgement.evidence) == [first.seq, last.seq]
    assert f"between {first.at:.1f} and {last.at:.1f} s" in judgement.says


def test_a_time_that_moved_while_its_bmc_did_not_tell_its_clock_is_held_against_the_next_clock():
    story = unrecorded()
    read(story, signals=RESET_TIME, bmc_time="2026-01-03T00:00:00Z")
    story.move()
    read(story, signals={"LastResetTime": "2026-01-02T00:00:00Z"})
    read(story, signals={"LastResetTime": "2026-01-02T00:00:00Z"}, bmc_time="2026-01-04T00:00:03Z", final=True)
    judgement = judge(story)

    assert judgement.verdict == "unknown"
    assert "LastResetTime began anew, or moved with the BMC's clock" in judgement.says


def test_a_time_that_moved_and_was_never_held_against_a_clock_again_is_no_proof():
    story = unrecorded()
    read(story, signals=RESET_TIME, bmc_time="2026-01-03T00:00:00Z")
    story.move()
    read(story, signals={"LastResetTime": "2026-01-02T00:00:00Z"}, final=True)

    assert judge(story).verdict == "unknown"


def test_a_signal_that_a_waking_bmc_told_late_but_before_the_move_is_a_proof():
    story = unrecorded()
    read(story)
    read(story, signals=RESET_TIME)
    story.move()
    read(story, signals=RESET_TIME, final=True)

    assert judge(story).verdict == "pass"


def test_media_in_a_device_that_is_told_of_for_the_first_time_may_have_been_there_before():
    story = watched()
    read(story)
    read(story, media={"Cd": "http://x"})

    assert judge(story.move()).verdict == "pass"


def test_a_boot_target_counts_only_while_the_override_is_enabled():
    story = watched()
    read(story, boot={"target": "Hdd", "enabled": "Disabled"})
    read(story, boot={"target": "Pxe", "enabled": "Disabled"})
    story.move()
    assert judge(story).verdict == "pass"

    story = watched()
    read(story, boot={"target": "Pxe", "enabled": "Disabled"})
    read(story, boot={"target": "Pxe", "enabled": "Once"})
    assert "the next boot was set to Pxe" in judge(story.move()).says


def test_a_bmc_that_dates_the_last_reset_to_its_own_start_proves_nothing():
    story = unrecorded()
    signals = {"LastResetTime": "2026-01-01T00:00:00Z", "Manager.LastResetTime": "2026-01-01T00:00:00Z"}
    read(story, signals=signals)
    story.move()
    read(story, signals={"LastResetTime": "2026-01-02T00:00:40Z", "Manager.LastResetTime": "2026-01-02T00:00:00Z"}, final=True)
    assert judge(story).verdict == "unknown"


def test_a_reset_long_after_its_bmc_started_is_a_reset():
    story = unrecorded()
    read(story, signals={"LastResetTime": "2026-01-01T00:00:00Z", "Manager.LastResetTime": "2026-01-01T00:00:00Z"})
    story.move()
    read(story, signals={"LastResetTime": "2026-01-02T01:00:00Z", "Manager.LastResetTime": "2026-01-02T00:00:00Z"}, final=True)
    assert judge(story).verdict == "fail"


def test_a_power_word_that_nobody_knows_is_no_power_change():
    story = watched()
    read(story)
    read(story, power="Paused")
    read(story)
    assert judge(story.move()).verdict == "pass"


def test_a_write_that_nobody_can_read_is_unknown_and_named():
    story = watched()
    request(story, "POST", "/redfish/v1/Systems/1/Oem/Acme/Actions/Acme.Frobnicate", "{}", address="10.0.0.66")
    judgement = judge(story.move())
    assert judgement.verdict == "unknown"
    assert "Acme.Frobnicate" in judgement.says
    assert "10.0.0.66" in judgement.says


def test_a_reset_in_the_move_counts_although_the_host_was_first_seen_after_it():
    story = Story().sees("mover").sees("bmc_requests", host="node-1").begins_move()
    path = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"
    story.tell(facts.BmcRequest(host="node-1", method="POST", path=path, status=204, body='{"ResetType": "ForceOff"}'))
    story.sees("kube").host()
    story.move()

    assert of_host(bmc_untouched.check(story.ends().world())).verdict == "fail"


# --- two hosts of one name ---


def namesakes(record: str, *, namespace: str = "metal3") -> list[str]:
    """The verdicts of two hosts of one name, of which one was reset; its server is told by this name."""
    story = Story(namespace=namespace).sees("kube", "bmc", "bmc_requests")
    for place in ("metal3", "team"):
        story.host(namespace=place)
        story.host(namespace=place, cluster="target", change="added")
    story.begins_move()
    for name in ("node-1", "team/node-1"):
        story.tell(facts.BmcRequest(host=name, method="GET", path="/redfish/v1/Systems/1", status=200, client="ironic-target"))
    story.tell(facts.BmcRequest(host=record, method="POST", path=RESET, status=204, body='{"ResetType": "ForceOff"}'))
    judged = bmc_untouched.check(story.move(adopts=False).ends().world())
    return [f"{judgement.host} {judgement.verdict}" for judgement in judged]


def test_only_the_one_of_two_namesakes_fails_whose_server_was_reset():
    assert namesakes("node-1") == ["metal3/node-1 fail", "team/node-1 pass"]
    assert namesakes("team/node-1") == ["metal3/node-1 pass", "team/node-1 fail"]


def test_a_bare_name_that_may_be_of_either_of_two_namesakes_is_unknown():
    assert namesakes("node-1", namespace="") == ["metal3/node-1 unknown", "team/node-1 unknown"]


@pytest.mark.parametrize(("asked", "verdict"), [(True, "pass"), (False, "unknown")])
def test_without_a_move_that_ended_a_record_without_any_request_proves_nothing(asked, verdict):
    story = Story().sees("kube", "mover")
    story.host()
    story.sees("bmc_requests", host="node-1")
    if asked:
        request(story, "GET", "/redfish/v1/Systems/1")

    assert judge(story).verdict == verdict


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        (["On", "ForceOff"], f"Reset On by {THIRD} (7.0 s); Reset ForceOff by {THIRD} (8.0 s)"),
        (["On", *["ForceOff"] * 8], f"9 requests: first Reset On by {THIRD} (7.0 s), last Reset ForceOff by {THIRD} (15.0 s)"),
    ],
)
def test_many_requests_are_told_by_the_first_and_the_last(kinds, says):
    story = watched()
    asked = [
        story.tell(
            facts.BmcRequest(host="node-1", method="POST", path=RESET, status=204, address="192.0.2.66", body=reset(kind))
        ).seq
        for kind in kinds
    ]
    judgement = judge(story.move())

    assert (judgement.verdict, judgement.says) == ("fail", says)
    assert judgement.evidence == tuple(asked)


def reset(kind: str) -> str:
    return f'{{"ResetType": "{kind}"}}'


@pytest.mark.parametrize(
    ("recorded_as", "system", "expected"),
    [("node-1", "1", "fail"), ("node-2", "1", "fail"), ("node-1", "2", "pass"), ("node-2", "2", "pass"), ("node-1", "3", "fail")],
)
def test_of_several_systems_behind_one_bmc_each_has_its_own_requests(recorded_as, system, expected):
    story = Story().sees("kube")
    for number in ("1", "2"):
        body = host_body(f"node-{number}")
        body["spec"]["bmc"]["address"] = f"redfish://192.0.2.10/redfish/v1/Systems/{number}"
        story.object("source", "BareMetalHost", f"node-{number}", body)
    story.sees("bmc", "bmc_requests", host="node-1").begins_move()
    path = f"/redfish/v1/Systems/{system}/Actions/ComputerSystem.Reset"
    story.tell(facts.BmcRequest(host=recorded_as, method="POST", path=path, status=204, body=reset("On")))

    assert judge(story.move()).verdict == expected


@pytest.mark.parametrize(("address", "expected"), [("192.0.2.10", "unknown"), ("192.0.2.11", "pass")])
@pytest.mark.parametrize("watched_before", [True, False])
def test_a_lost_record_of_another_host_behind_its_bmc_may_have_told_of_its_server(address, expected, watched_before):
    story = Story().sees("kube")
    for number, place in (("1", "192.0.2.10"), ("2", address)):
        body = host_body(f"node-{number}")
        body["spec"]["bmc"]["address"] = f"redfish://{place}/redfish/v1/Systems/{number}"
        story.object("source", "BareMetalHost", f"node-{number}", body)
    story.sees("bmc", "bmc_requests", host="node-1")
    if watched_before:
        story.sees("bmc_requests", host="node-2")
    story.begins_move().tell_lost("bmc_requests", host="node-2")

    assert judge(story.move()).verdict == (expected if watched_before else "pass")


def test_what_proves_nothing_is_told_with_the_hole_in_the_record():
    story = watched()
    story.tell(facts.SightLost(sight="bmc_requests", host="node-1", says="cut"))
    hole = story.tell(facts.SightRegained(sight="bmc_requests", host="node-1", complete=False))
    for final in (False, True):
        read(story, final=final)
    judgement = judge(story.move())

    assert judgement.verdict == "unknown"
    assert {hole.seq - 1, hole.seq} & set(judgement.evidence)
