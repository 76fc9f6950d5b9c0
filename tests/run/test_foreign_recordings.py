"""Files that strangers call recordings: each is refused with file, line and cure, and leaves nothing behind."""

import json
import lzma

import pytest

from harness.cli.main import main
from harness.run import recordings

ROW = {"at": 1000.0, "cluster": "source", "type": "ADDED", "kind": "Secret", "ns": "metal3", "name": "x", "resourceVersion": "1"}
OBJECT = {"apiVersion": "v1", "metadata": {"name": "x"}}


def row(**other) -> bytes:
    return json.dumps(ROW | {"object": OBJECT} | other).encode()


def nested(levels: int) -> bytes:
    return row(object="HERE").replace(b'"HERE"', b'{"a":' * levels + b"1" + b"}" * levels)


WRONG = {
    "deep": nested(50_000),
    "as deep as can be decoded": nested(900),
    "later than all times": row(at=1e300),
    "before all times": row(at=-1e18),
    "no number": row().replace(b"1000.0", b"NaN"),
    "not text": row().replace(b"metal3", b"met\xffl3"),
    "an object that is a text": row(object="text"),
    "an object that is a list": row(object=[1]),
    "no metadata": row(object={"metadata": "x"}),
    "annotations that are none": row(object={"metadata": {"annotations": 7}}),
    "data that is a list": row(object=OBJECT | {"data": [1]}),
    "data that is a number": row(object=OBJECT | {"data": {"a": 7}}),
    "a version that is none": row(object={"apiVersion": 7, "metadata": {}}),
    "containers that are none": row(kind="Deployment", object={"spec": {"template": {"spec": {"containers": 7}}}}),
    "no name": row(name=None),
    "a kind that is none": row(kind=7),
    "a cluster that nobody knows": row(cluster="mars"),
    "a change that nobody knows": row(type="EATEN"),
}


def refused(capsys, given, out) -> str:
    """What is said where the files are refused, and nothing is left of them."""
    assert main(["import", str(given), "--out", str(out)]) == 2
    assert not out.exists()
    return capsys.readouterr().err


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_row_is_refused_with_its_place_and_its_cure(tmp_path, capsys, wrong):
    path = tmp_path / "watch.jsonl"
    path.write_bytes(row() + b"\n" + wrong + b"\n")

    said = refused(capsys, path, tmp_path / "run")

    assert said.startswith(f"{path}:2: ")
    assert said.endswith("cut the file before this line or mend it\n")
    assert len(said) < 600


def test_an_archive_that_unpacks_to_one_endless_line_takes_no_memory(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(recordings, "LINE_BYTES_MAX", 1 << 20)
    path = tmp_path / "watch.jsonl.xz"
    path.write_bytes(lzma.compress(row() + b"\n" + bytes(1 << 24)))

    assert refused(capsys, path, tmp_path / "run").startswith(f"{path}:2: a line of more than 1 MiB")


def test_a_recording_has_a_size(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(recordings, "RECORDING_BYTES_MAX", 1 << 20)
    path = tmp_path / "watch.jsonl.xz"
    path.write_bytes(lzma.compress((row() + b"\n") * 20_000))

    assert "more than 1 MiB are no recording of a move; cut the file" in refused(capsys, path, tmp_path / "run")


def test_an_archive_that_is_torn_gives_what_it_has(tmp_path, capsys):
    path = tmp_path / "watch.jsonl.xz"
    rows = [row(name=f"x{number}", object=OBJECT | {"spec": {"a": number**9}}) for number in range(3000)]
    path.write_bytes(lzma.compress(b"\n".join(rows))[:-9000])

    assert main(["import", str(path), "--out", str(tmp_path / "run")]) == 0
    assert "torn off after line" in capsys.readouterr().err


def test_two_archives_in_one_file_are_both_read(tmp_path, capsys):
    path = tmp_path / "watch.jsonl.xz"
    path.write_bytes(lzma.compress(row() + b"\n") + lzma.compress(row(name="second") + b"\n"))

    assert main(["import", str(path), "--out", str(tmp_path / "run")]) == 0
    assert b'"name":"second"' in (tmp_path / "run" / "journal.jsonl").read_bytes()
    assert "torn" not in capsys.readouterr().err
