import pytest

from harness.lab import Component
from harness.processes.given import unfit
from tests.processes.programs import program

HELP = "echo '  -health-addr string'"


@pytest.fixture
def one(tmp_path):
    def of(name: str, script: str) -> list[str]:
        return list(unfit({name: Component("path", program(tmp_path, name, script))}))

    return of


def test_a_program_that_this_machine_cannot_run_is_told(tmp_path):
    path = program(tmp_path, "etcd", "")
    path.write_bytes(b"\x7fELF of another machine")

    (said,) = unfit({"etcd": Component("path", path), "capi": Component("pinned")})
    assert said == f"`components: etcd`: {path} cannot be started (Exec format error); a program built for this machine is needed"


def test_a_manager_of_which_nobody_could_tell_when_it_is_ready_is_told(one):
    assert "has neither --health-addr nor --health-probe-bind-address" in one("capi", "exit 1")[0]
    assert one("bmo", HELP) == []


def test_an_ironic_outside_of_its_environment_is_told(one, tmp_path):
    assert "there is no ironic-dbsync and no python beside" in one("ironic", "exit 0")[0]


def test_a_server_need_not_know_help(one):
    assert one("kube-apiserver", "exit 3") == []
