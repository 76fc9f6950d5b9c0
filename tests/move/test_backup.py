"""A backup is whole, is its user's alone, and is put back only where it is of the move that broke off."""

import stat

import msgspec
import pytest

from harness.errors import UsageError
from harness.metal3 import PAUSED, STATUS
from harness.move.backup import keep_backup, read_backup
from harness.move.broken.known import known_move
from harness.move.broken.restore import restore
from harness.move.objects import movable_kinds
from harness.steps import backup
from tests.steps.killed_move import HOSTS, NAMESPACE, killed_move


@pytest.fixture
async def moving(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    async with killed_move(tmp_path) as made:
        yield made


async def test_it_holds_every_object_whole_as_it_is_put_back_and_the_cluster_is_not_touched(moving, tmp_path):
    moving.pair.requests.clear()
    said = await backup.step(moving.bench, directory=str(tmp_path / "kept"))
    assert {request.method for request in moving.pair.requests} == {"GET"}
    files = sorted((tmp_path / "kept").iterdir())
    assert said.startswith(f"{len(files)} objects are kept in {tmp_path / 'kept'}; it holds the Secrets of the Cluster in clear")
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700
    host = msgspec.json.decode((tmp_path / "kept" / f"BareMetalHost_{NAMESPACE}_node-1.yaml").read_bytes())
    assert host["status"]["provisioning"]["state"] == "provisioned"
    assert host["metadata"]["annotations"].keys() >= {PAUSED, STATUS}
    cluster = msgspec.json.decode((tmp_path / "kept" / f"Cluster_{NAMESPACE}_lab.yaml").read_bytes())
    assert cluster["spec"]["paused"] is True
    secret = msgspec.json.decode((tmp_path / "kept" / f"Secret_{NAMESPACE}_lab-kubeconfig.yaml").read_bytes())
    assert (secret["apiVersion"], secret["kind"]) == ("v1", "Secret")
    assert secret["data"]


async def test_it_goes_into_no_run_and_over_nobodys_files(moving, tmp_path):
    cluster, run = moving.bench.clusters["source"], moving.bench.directory
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").touch()
    (tmp_path / "file").touch()
    for place, why in (
        (run / "kept", "a run is shown to others"),
        (tmp_path / "mine", "not empty"),
        (tmp_path / "file", "no backup"),
    ):
        with pytest.raises(UsageError, match=why):
            await keep_backup(cluster, NAMESPACE, place, run)
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["letter"]


async def test_what_is_no_backup_is_refused(moving, tmp_path):
    kinds = await movable_kinds(moving.bench.clusters["source"])
    with pytest.raises(UsageError, match="no backup is there"):
        read_backup(tmp_path / "nothing", kinds)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a.yaml").write_text("{}")
    with pytest.raises(UsageError, match="no object of a backup"):
        read_backup(tmp_path / "kept", kinds)
    (tmp_path / "kept" / "a.yaml").unlink()
    (tmp_path / "kept" / "a.yaml").symlink_to(tmp_path / "file")
    with pytest.raises(UsageError, match="no object of a backup"):
        read_backup(tmp_path / "kept", kinds)


@pytest.mark.parametrize("how", ["of another host", "of an object of the same name"])
async def test_a_backup_of_something_else_is_not_put_back(moving, tmp_path, how):
    bench, kept = moving.bench, tmp_path / "kept"
    await backup.step(bench, directory=str(kept))
    await moving.killed(at=60)
    known = known_move(bench.world, "source", "target")
    file = kept / f"BareMetalHost_{NAMESPACE}_node-1.yaml"
    if how == "of another host":
        file.unlink()
    else:
        body = msgspec.json.decode(file.read_bytes())
        body["metadata"]["uid"] = "another"
        file.write_bytes(msgspec.json.encode(body))
    before = await bench.clusters["source"].list_all(HOSTS)
    moving.pair.requests.clear()
    with pytest.raises(UsageError, match="not a backup of this move"):
        await restore(bench, known, kept)
    assert {request.method for request in moving.pair.requests} == {"GET"}
    assert await bench.clusters["source"].list_all(HOSTS) == before
