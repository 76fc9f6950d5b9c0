import os

import pytest

from harness.exits import LabBrokeError
from harness.processes import build
from tests.processes.programs import go

WRITES_WHAT_IT_IS_ASKED_FOR = 'echo some/package >&2; while [ "$1" != "-o" ]; do shift; done; echo binary > "$2"; chmod +x "$2"'


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A cache of its own, and a `go` that is given."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return lambda does: go(tmp_path / "bin", build=does)


def test_what_is_missing_is_built_once_and_told(machine, capsys):
    machine(WRITES_WHAT_IT_IS_ASKED_FOR)
    assert build.missing(["kube-apiserver", "etcd"]) == ["etcd", "kube-apiserver"]
    build.build(["kube-apiserver", "etcd"])
    said = capsys.readouterr().err

    assert build.missing(["kube-apiserver", "etcd"]) == []
    assert os.access(build.program("etcd"), os.X_OK)
    assert "building etcd 3.6.16 (1 of 2" in said
    assert "built kube-apiserver in" in said


def test_a_build_that_fails_says_why_and_leaves_nothing_that_looks_built(machine):
    machine('echo some/package >&2; echo "no space left on device: x" >&2; exit 1')
    with pytest.raises(LabBrokeError) as broke:
        build.build(["etcd"])

    assert "etcd could not be built; go says:\n  no space left on device: x" in str(broke.value)
    assert build.missing(["etcd"]) == ["etcd"]
    assert [path.name for path in build.cache().rglob("*") if path.is_file()] == ["lock"]


def test_the_cache_is_another_where_anything_that_decides_the_programs_is(tmp_path):
    other = tmp_path / "components"
    other.mkdir()
    for name in ("go.mod", "go.sum"):
        (other / name).write_bytes((build.MODULE / name).read_bytes() + b"\n")

    assert build.cache(other) != build.cache()
