import os

import pytest

from harness.errors import LabBrokeError
from harness.lab.versions import pinned
from harness.processes.programs import build
from tests.processes.small_programs import go

WRITES_WHAT_IT_IS_ASKED_FOR = 'echo some/package >&2; while [ "$1" != "-o" ]; do shift; done; echo binary > "$2"; chmod +x "$2"'


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A cache of its own, and a `go` that is given."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return lambda does: go(tmp_path / "bin", build=does)


def test_what_is_missing_is_built_once_and_told(machine, capsys):
    machine(WRITES_WHAT_IT_IS_ASKED_FOR)
    server, store = pinned("kube-apiserver"), pinned("etcd")
    assert build.missing([server, store, server]) == [store, server]
    build.build([server, store])
    said = capsys.readouterr().err

    assert build.missing([server, store]) == []
    assert os.access(build.program(store), os.X_OK)
    assert "building etcd 3.6.16 (1 of 2" in said
    assert "built kube-apiserver in" in said


def test_a_build_that_fails_says_why_and_leaves_nothing_that_looks_built(machine):
    machine('echo some/package >&2; echo "no space left on device: x" >&2; exit 1')
    with pytest.raises(LabBrokeError) as broke:
        build.build([pinned("etcd")])

    assert "etcd 3.6.16 could not be built; go says:\n  no space left on device: x" in str(broke.value)
    assert build.missing([pinned("etcd")]) == [pinned("etcd")]
    assert [path.name for path in build.kept().rglob("*") if path.is_file()] == ["lock"]


def test_the_cache_is_another_where_anything_that_decides_the_programs_is(tmp_path):
    module = pinned("etcd").module
    for name in ("go.mod", "go.sum"):
        (tmp_path / name).write_bytes((module / name).read_bytes())
    as_locked = build.digest(tmp_path, "etcd", "3.6.16")
    (tmp_path / "go.sum").write_text("another\n")

    assert as_locked == build.digest(module, "etcd", "3.6.16")
    assert build.digest(tmp_path, "etcd", "3.6.16") != as_locked


def test_each_release_has_programs_and_manifests_of_its_own():
    releases = [pinned("kube-apiserver", "1.33"), pinned("kube-apiserver"), pinned("capi", "1.13"), pinned("capi")]

    assert len({build.program(each) for each in releases}) == 4
    assert build.manifests(releases[2]) != build.manifests(releases[3])
    assert build.cache(pinned("clusterctl", "1.13")) == build.cache(pinned("capi", "1.13"))
