"""The judge on recordings of real pivots, whole and damaged: the expected verdicts are the recordings' own."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.run.importer import import_recordings
from harness.run.recordings import RecordingError, known_recordings
from harness.verdict.judge import judge_directory
from tests.approved import assert_approved
from tests.recorded import RECORDINGS, Rows, altered, hosts_of, judged, rows_of, said_of, write_rows

pytestmark = pytest.mark.dated

EXPECTED = sorted(path.parent.name for path in RECORDINGS.glob("*/expect.json"))
GOOD = "b-good-pivot"
TOLD = Path(__file__).parent / "told"
ALL = {"host0", "host1", "host2"}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_recording_gets_the_verdict_that_it_states(name, tmp_path):
    verdict = judged(RECORDINGS / name, tmp_path)

    assert {"exit": verdict["exit"], "hosts": hosts_of(verdict)} == json.loads((RECORDINGS / name / "expect.json").read_text())


@pytest.mark.parametrize("name", sorted(it.name for it in RECORDINGS.iterdir() if it.is_dir()))
def test_the_whole_verdict_is_as_before_word_for_word(name, tmp_path):
    import_recordings([RECORDINGS / name], tmp_path / "run")
    verdict = judge_directory(tmp_path / "run")

    assert_approved(TOLD / f"{name}.json", json.dumps(verdict, indent=1, ensure_ascii=False) + "\n")


def test_the_deprovisioning_that_a_user_asked_for_breaks_no_promise(tmp_path):
    verdict = judged(RECORDINGS / "h-deprovision-after-repivot", tmp_path)

    assert set(hosts_of(verdict).values()) == {"pass"}


def test_a_wiped_host_is_told_with_its_cause_and_its_actor(tmp_path):
    verdict = judged(RECORDINGS / "d-status-annotation-lost", tmp_path)

    state = said_of(verdict, "hosts_keep_state", "host1")[0][1]
    assert "registering" in state
    assert "status annotation vanished" in state
    assert "by lab" in state
    assert "Reset ForceOff by the Ironic of the target" in said_of(verdict, "bmc_untouched", "host1")[0][1]


def test_a_spare_is_reported_and_not_judged(tmp_path):
    verdict = judged(RECORDINGS / GOOD, tmp_path)

    assert "host3" not in verdict["hosts"]
    assert any("Reset" in request for request in verdict["unclaimed"]["host3"]["requests"])


@pytest.mark.parametrize(
    ("kind", "hosts", "code"),
    [
        ("watch", {}, 3),
        ("bmc", dict.fromkeys(ALL, "unknown"), 3),
        ("ironic", dict.fromkeys(ALL, "unknown"), 3),
        ("mover", dict.fromkeys(ALL, "pass"), 3),
        ("audit", dict.fromkeys(ALL, "pass"), 0),
    ],
)
def test_a_missing_file_is_unknown_wherever_its_proof_is_gone(kind, hosts, code, tmp_path):
    verdict = altered(GOOD, tmp_path, lambda rows: rows.pop(kind))

    assert (hosts_of(verdict), verdict["exit"]) == (hosts, code)


@pytest.mark.parametrize("kind", ["bmc", "ironic", "mover", "audit"])
def test_a_missing_file_never_hides_the_wiped_host(kind, tmp_path):
    verdict = altered("d-status-annotation-lost", tmp_path, lambda rows: rows.pop(kind))

    assert hosts_of(verdict)["host1"] == "fail"
    assert verdict["exit"] == 1


def hole(rows: list[dict[str, Any]], share: float, **where: str) -> None:
    """Lose sight for 5 s at a share of the recording, with the rows in it."""
    first, last = rows[0]["at"], rows[-1]["at"]
    since = first + (last - first) * share
    lost = [row for row in rows if since < row["at"] < since + 5 and all(row.get(name) == value for name, value in where.items())]
    for row in lost:
        rows.remove(row)
    rows += [{"at": since, "sight": "lost", **where}, {"at": since + 5, "sight": "regained", **where}]
    rows.sort(key=lambda row: row["at"])


@pytest.mark.parametrize("share", [0.02, 0.15, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["watch", "bmc", "ironic"])
def test_a_hole_anywhere_in_a_good_recording_is_unknown(kind, share, tmp_path):
    verdict = altered(GOOD, tmp_path, lambda rows: hole(rows[kind], share))

    assert verdict["exit"] == 3
    assert set(hosts_of(verdict).values()) <= {"unknown"}


@pytest.mark.parametrize(
    ("cluster", "kind"), [("source", "BareMetalHost"), ("target", "BareMetalHost"), ("workload", "Node"), ("target", "Secret")]
)
def test_a_hole_in_one_watch_is_unknown_too(cluster, kind, tmp_path):
    verdict = altered(GOOD, tmp_path, lambda rows: hole(rows["watch"], 0.2, cluster=cluster, kind=kind))

    assert hosts_of(verdict) == dict.fromkeys(ALL, "unknown")


@pytest.mark.parametrize("edge", ["begins", "ends"])
@pytest.mark.parametrize("kind", ["watch", "bmc", "ironic", "mover"])
def test_a_recording_without_its_beginning_or_end_was_not_wholly_seen(kind, edge, tmp_path):
    def cut(rows: Rows) -> None:
        rows[kind] = [row for row in rows[kind] if row.get("sight") != edge]

    assert altered(GOOD, tmp_path, cut)["exit"] == 3


def test_watch_rows_of_the_workload_cluster_that_are_not_there_leave_no_witness_of_a_boot(tmp_path):
    def blind(rows: Rows) -> None:
        rows["watch"] = [row for row in rows["watch"] if row.get("cluster") != "workload"]

    verdict = altered(GOOD, tmp_path, blind)

    assert said_of(verdict, "nodes_untouched", "host0")[0][0] == "unknown"


def reset(rows: Rows, at: float, **more: Any) -> None:
    """Somebody resets host2 in mid-move."""
    path = "/redfish/v1/Systems/x/Actions/ComputerSystem.Reset"
    row = {"at": at + 0.1, "t0": at, "host": "host2", "src": "10.9.8.7", "client": "", "method": "POST", "path": path}
    rows["bmc"].append(row | {"body": '{"ResetType": "ForceRestart"}', "status": 204, "ms": 1.0} | more)
    rows["bmc"].sort(key=lambda row: row["at"])


def test_a_reset_by_a_third_party_that_left_no_other_trace_fails_the_host_and_names_the_asker(tmp_path):
    verdict = altered(GOOD, tmp_path, lambda rows: reset(rows, rows["mover"][0]["at"] + 50))

    assert hosts_of(verdict) == {"host0": "pass", "host1": "pass", "host2": "fail"}
    assert "third party (10.9.8.7)" in said_of(verdict, "bmc_untouched", "host2")[0][1]


def test_a_reset_that_the_bmc_refused_did_nothing(tmp_path):
    verdict = altered(GOOD, tmp_path, lambda rows: reset(rows, rows["mover"][0]["at"] + 50, status=403))

    assert verdict["exit"] == 0


def test_a_new_boot_id_alone_fails_the_host(tmp_path):
    def reboot(rows: Rows) -> None:
        node = next(row for row in rows["watch"] if row.get("kind") == "Node" and row["name"] == "host1")
        again = json.loads(json.dumps(node))
        again["object"]["status"]["nodeInfo"]["bootID"] = "another"
        rows["watch"].insert(-1, again | {"at": rows["watch"][-1]["at"] - 1, "type": "MODIFIED"})

    assert hosts_of(altered(GOOD, tmp_path, reboot)) == {"host0": "pass", "host1": "fail", "host2": "pass"}


def alter_last(rows: Rows, kind: str, name: str, change: Any) -> None:
    """Change an object of the target in its last version."""
    own = [row for row in rows["watch"] if (row.get("cluster"), row.get("kind"), row.get("name")) == ("target", kind, name)]
    change(own[-1]["object"])


def test_a_secret_that_arrives_with_other_data_fails_its_host(tmp_path):
    def change(rows: Rows) -> None:
        for row in rows["watch"]:
            if (row.get("cluster"), row.get("kind"), row.get("name")) == ("target", "Secret", "host1-bmc"):
                row["object"]["dataDigest"]["password"] = "0" * 16

    verdict = altered(GOOD, tmp_path, change)

    assert hosts_of(verdict)["host1"] == "fail"
    assert "Secret host1-bmc differs in its data" in said_of(verdict, "objects_arrive", "host1")[0][1]


def test_an_address_that_changed_fails_the_run(tmp_path):
    def change(rows: Rows) -> None:
        alter_last(rows, "IPAddress", "prov-172-22-0-100", lambda body: body["spec"].update(address="172.22.0.199"))

    verdict = altered(GOOD, tmp_path, change)

    assert verdict["exit"] == 1
    assert said_of(verdict, "objects_arrive", None)[0][0] == "fail"


def test_a_pause_that_stays_fails_the_host(tmp_path):
    def change(rows: Rows) -> None:
        pause = {"baremetalhost.metal3.io/paused": "metal3.io/capm3"}
        alter_last(rows, "BareMetalHost", "host0", lambda body: body["metadata"].update(annotations=pause))

    verdict = altered(GOOD, tmp_path, change)

    assert hosts_of(verdict)["host0"] == "fail"
    assert said_of(verdict, "annotations_consumed", "host0")[0][0] == "fail"


def test_a_target_cluster_that_stays_paused_after_exit_0_fails_the_run(tmp_path):
    def change(rows: Rows) -> None:
        for row in rows["watch"]:
            if (row.get("cluster"), row.get("kind")) == ("target", "Cluster"):
                row["object"]["spec"]["paused"] = True

    verdict = altered(GOOD, tmp_path, change)

    assert verdict["exit"] == 1
    assert any("still paused" in says for _, says in said_of(verdict, "move_completes", None))


def test_a_second_clusterless_move_with_exit_0_is_no_success(tmp_path):
    def change(rows: Rows) -> None:
        for row in rows["mover"]:
            if str(row.get("line", "")).startswith("Moving Cluster API objects Clusters="):
                row["line"] = "Moving Cluster API objects Clusters=0"

    assert altered(GOOD, tmp_path, change)["exit"] == 1


def test_a_recording_that_stops_right_after_the_move_is_too_short_to_judge(tmp_path):
    def cut(rows: Rows) -> None:
        end = next(row["at"] for row in rows["mover"] if row.get("what") == "exit") + 2
        for kind in rows:
            rows[kind] = [row for row in rows[kind] if row["at"] <= end] + [{"at": end, "sight": "ends"}]

    verdict = altered(GOOD, tmp_path, cut)

    assert verdict["exit"] == 3
    assert "too early" in said_of(verdict, "hosts_adopted", "host0")[0][1]


def test_the_truth_is_never_read_and_its_absence_changes_nothing(tmp_path):
    files = [path for path in (RECORDINGS / GOOD).iterdir() if not path.name.startswith("truth")]
    import_recordings(files, tmp_path / "without")
    import_recordings([*(RECORDINGS / GOOD).iterdir()], tmp_path / "with")

    assert (tmp_path / "without/journal.jsonl").read_bytes() == (tmp_path / "with/journal.jsonl").read_bytes()


def test_judging_again_gives_the_same_verdict(tmp_path):
    import_recordings([RECORDINGS / GOOD], tmp_path)

    assert judge_directory(tmp_path) == judge_directory(tmp_path)


def test_renamed_hosts_and_clusters_get_the_same_verdict(tmp_path):
    text = "\n".join(json.dumps(rows_of("d-status-annotation-lost")[kind]) for kind in known_recordings())
    renames = {f"host{number}": f"blade-{number}" for number in range(4)}
    renames |= {"lab1": "prod", "metal3~": "fleet~", '"metal3"': '"fleet"', "metal3://metal3/": "metal3://fleet/"}
    for old, new in renames.items():
        text = text.replace(old, new)
    rows = {kind: json.loads(line) for kind, line in zip(known_recordings(), text.split("\n"), strict=True)}
    verdict = judged(write_rows(rows, tmp_path / "renamed"), tmp_path / "out")

    assert hosts_of(verdict) == {"blade-0": "pass", "blade-1": "fail", "blade-2": "pass"}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("watch.jsonl", b"not json\n", "watch.jsonl:1: not JSON"),
        ("watch.jsonl", b"[1]\n", "watch.jsonl:1: not a row"),
        ("watch.jsonl", b'{"at": 1, "cluster": "source"}\n', "watch.jsonl:1: not a row of watch.jsonl"),
        ("watch.jsonl", b'{"at": 1, "sight": "sleeps"}\n', "is none of begins"),
        ("watch.jsonl", b'{"at": 1e300, "sight": "begins"}\n', "watch.jsonl:1: 1e.300 is no time in seconds"),
        ("watch.jsonl", b"", "nothing to import"),
        ("watch.jsonl.xz", b"plain", "not an xz file"),
        ("notes.jsonl", b"", "not a recording"),
    ],
)
def test_bad_recordings_are_refused_with_their_place(name, content, says, tmp_path):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(RecordingError, match=says.replace("[", "\\[")):
        import_recordings([tmp_path / name], tmp_path / "out")


BAD_VALUES: list[tuple[str, dict[str, Any]]] = [
    ("watch", {"cluster": "mars"}),
    ("watch", {"name": None}),
    ("watch", {"object": None}),
    ("watch", {"object": [1]}),
    ("watch", {"object": {"metadata": "x"}}),
    ("bmc", {"host": None}),
    ("bmc", {"status": "200"}),
    ("ironic", {"ironic": "mars"}),
    ("mover", {"line": None}),
    ("audit", {"user": None}),
]


@pytest.mark.parametrize(("kind", "change"), BAD_VALUES)
def test_a_value_of_another_type_is_refused_with_its_place(kind, change, tmp_path):
    def spoil(rows: Rows) -> None:
        row = next(row for row in rows[kind][5:] if set(change) <= set(row))
        row.update(change)

    with pytest.raises(RecordingError, match=rf"{kind}.jsonl:\d+: not a row of {kind}.jsonl"):
        altered(GOOD, tmp_path, spoil)


@pytest.mark.parametrize("value", [None, 10**40, -1e308, "x" * 100_000, [[[]]], {"": None}])
def test_an_odd_value_somewhere_in_an_object_is_kept_and_harms_no_verdict_of_another_host(value, tmp_path):
    def spoil(rows: Rows) -> None:
        row = next(row for row in rows["watch"] if (row.get("kind"), row.get("name")) == ("BareMetalHost", "host1"))
        row["object"]["status"]["strange"] = value
        rows["watch"].append({**row, "kind": "Zorp", "object": {"spec": value}, "at": rows["watch"][-1]["at"]})

    verdict = altered(GOOD, tmp_path, spoil)

    assert {hosts_of(verdict)[name] for name in ("host0", "host2")} == {"pass"}
    assert not [check for check in verdict["checks"] if "crashed" in check["says"]]


def test_a_torn_xz_file_is_read_as_far_as_it_goes_and_is_unknown(tmp_path):
    for path in (RECORDINGS / GOOD).glob("*.jsonl.xz"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    whole = (tmp_path / "bmc.jsonl.xz").read_bytes()
    (tmp_path / "bmc.jsonl.xz").write_bytes(whole[: len(whole) * 2 // 3])
    _, notes = import_recordings([tmp_path], tmp_path / "out")

    assert any("torn" in note for note in notes)
    assert hosts_of(judge_directory(tmp_path / "out")) == dict.fromkeys(ALL, "unknown")


OLDER = ("cluster.x-k8s.io", "infrastructure.cluster.x-k8s.io", "bootstrap.cluster.x-k8s.io", "controlplane.cluster.x-k8s.io")


def older(body: dict) -> dict:
    """An object as a version before wrote it: references by apiVersion and namespace, other members and conditions in its status."""
    group = body["apiVersion"].partition("/")[0]
    status = body.get("status") or {}
    conditions = [one | {"type": f"{one['type']}Before"} for one in status.get("conditions") or []]
    renamed = {f"{name}Before": it for name, it in status.items() if name not in ("phase", "nodeRef", "conditions")}
    kept = {name: it for name, it in status.items() if name in ("phase", "nodeRef")}
    return as_written(body) | {"apiVersion": f"{group}/v1beta1", "status": kept | renamed | {"conditions": conditions}}


def as_written(value):
    if isinstance(value, list):
        return [as_written(one) for one in value]
    if not isinstance(value, dict):
        return value
    if {"apiGroup", "kind", "name"} <= value.keys():
        return {"apiVersion": f"{value['apiGroup']}/v1beta1", "kind": value["kind"], "name": value["name"], "namespace": "metal3"}
    return {name: as_written(one) for name, one in value.items()}


def test_a_source_that_shows_an_older_version_of_the_api_fails_nobody(tmp_path):
    def change(rows):
        for row in rows["watch"]:
            body = row.get("object")
            if (
                row.get("cluster") == "source"
                and isinstance(body, dict)
                and body.get("apiVersion", "").partition("/")[0] in OLDER
            ):
                row["object"] = older(body)

    verdict = altered("b-good-pivot", tmp_path, change)

    assert (verdict["verdict"], set(hosts_of(verdict).values())) == ("unknown", {"pass"})
    ((word, says),) = said_of(verdict, "objects_arrive", None)
    assert word == "unknown"
    assert "in different versions of its API" in says
