import os
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.lab.versions import pinned
from harness.processes.programs import toolchain
from tests.processes.small_programs import go

ROOT = Path(__file__).parents[3]
REFUSED_SECONDS = 60
"""Two where nothing else runs."""


@pytest.fixture
def only(tmp_path, monkeypatch):
    """A PATH on which nothing is but what the test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def refusal(names, cache) -> str:
    with pytest.raises(UsageError) as refused:
        toolchain.check_machine(map(pinned, names), cache, cache)
    return str(refused.value)


def test_a_machine_without_go_is_told_what_to_install_or_to_name(only, tmp_path):
    said = refusal(["etcd", "clusterctl"], tmp_path)

    assert "etcd 3.6.16, clusterctl 1.14.2 must be built, and there is no `go` on PATH" in said
    assert "install Go 1.26 or newer" in said
    assert "components: {etcd: {path:" in said


def test_nothing_needs_go_where_nothing_is_to_be_built(only, tmp_path):
    toolchain.check_machine([], tmp_path, tmp_path)


@pytest.mark.parametrize(("version", "said"), [("go1.21.3", "is Go 1.21"), ("devel", "version` says 'go version devel")])
def test_a_wrong_go_is_told_with_its_version(only, tmp_path, version, said):
    go(only, version=version)
    assert said in refusal(["etcd"], tmp_path)


def test_a_go_that_fits_is_taken(only, tmp_path):
    go(only)
    toolchain.check_machine([pinned("etcd")], tmp_path, tmp_path)


def test_a_proxy_that_is_away_is_told_only_while_modules_are_missing(only, tmp_path):
    go(only, proxy="http://127.0.0.1:1,direct", cache=tmp_path / "cache")
    assert "the Go module proxy 127.0.0.1 cannot be reached" in refusal(["etcd"], tmp_path)

    archive = tmp_path / "cache/cache/download/go.etcd.io/etcd/server/v3/@v/v3.6.16.zip"
    archive.parent.mkdir(parents=True)
    archive.touch()
    toolchain.check_machine([pinned("etcd")], tmp_path, tmp_path)


def test_a_package_index_that_is_away_is_told_unless_packages_are_elsewhere(monkeypatch):
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    (said,) = toolchain.package_index()
    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels")

    assert "the package index 127.0.0.1 cannot be reached (Connection refused), and Ironic is not installed yet" in said
    assert list(toolchain.package_index()) == []


def test_what_stands_behind_a_proxy_is_asked_of_the_proxy(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "127.0.0.2")
        assert toolchain.unreachable("https://nowhere.invalid/simple") == ""
        assert toolchain.unreachable("https://127.0.0.2:1/simple") == "Connection refused"
    assert toolchain.unreachable("https://nowhere.invalid/simple") == "Connection refused"


def test_a_full_disk_is_told_with_what_is_free_and_what_is_needed(tmp_path):
    (said,) = toolchain._space(tmp_path / "not" / "yet", 1 << 60, "a build")
    assert "GiB are free, and a build needs 1073741824.0 GiB" in said


def test_too_few_open_files_are_told_and_a_low_limit_that_may_be_raised_is_raised(tmp_path):
    ask = "from harness.processes.programs.toolchain import check_machine; from pathlib import Path; import resource;"
    ask += "check_machine([], Path('.'), Path('.')); print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"

    def tried(soft: int, hard: int) -> subprocess.CompletedProcess[str]:
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))  # noqa: E731
        return subprocess.run(
            [sys.executable, "-c", ask], cwd=ROOT, preexec_fn=limit, capture_output=True, text=True, check=False
        )

    assert "only 256 files may be open at once, and 1024 are needed: `ulimit -n 8192`" in tried(256, 256).stderr
    assert tried(256, 2048).stdout.strip() == "2048"


def test_the_command_line_refuses_soon_and_leaves_nothing(tmp_path):
    (tmp_path / "lab.yaml").write_text("components: {}\n")
    environment = {**os.environ, "PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    began = time.monotonic()
    command = [sys.executable, "-m", "harness", "lab", "up", "--lab", str(tmp_path / "lab.yaml"), "--dir", str(tmp_path / "lab")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "there is no `go` on PATH" in done.stderr
    assert time.monotonic() - began < REFUSED_SECONDS
    assert not (tmp_path / "lab").exists()
