import pytest

from harness.exits import RefusedError
from harness.processes.certificates import Authority
from harness.processes.manager import Surroundings, known_flags, manager, operator_environment
from harness.processes.settings import Program
from tests.processes.programs import program

CLUSTER_API = """cat >&2 <<END
Usage of core:
      --health-addr string        The address the health endpoint binds to. (default ":9440")
      --insecure-diagnostics      Enable insecure diagnostics serving.
      --diagnostics-address string
      --leader-elect              Enable leader election
      --kubeconfig string         Paths to a kubeconfig
  -v, --v Level                   number for the log level verbosity
      --webhook-cert-dir string   Webhook cert dir. (default "/tmp/k8s-webhook-server/serving-certs/")
      --webhook-port int          Webhook Server port (default 9443)
END
exit 2"""
OPERATOR = """cat >&2 <<END
Usage of baremetal-operator:
  -enable-leader-election
        Enable leader election.
  -health-probe-bind-address string
        The address of the health endpoint (default ":9440")
  -metrics-bind-address string
  -webhook-port int
  -kubeconfig string
END
exit 2"""


@pytest.fixture
def place(tmp_path) -> Surroundings:
    authority = Authority(tmp_path / "certificates")
    return Surroundings("source", "127.77.1.1", tmp_path / "kubeconfig", authority, tmp_path / "files", tmp_path / "logs")


def test_a_manager_is_asked_for_its_flags_however_its_library_prints_them(tmp_path):
    assert {"health-addr", "v", "webhook-port"} <= known_flags(program(tmp_path, "core", CLUSTER_API))
    assert {"health-probe-bind-address", "enable-leader-election"} <= known_flags(program(tmp_path, "bmo", OPERATOR))


def test_a_manager_is_given_the_flags_that_it_has_in_its_own_spelling_and_the_users_last(tmp_path, place):
    core = manager("capi", Program(program(tmp_path, "core", CLUSTER_API), ("--v=5",)), place, {})
    operator = manager("bmo", Program(program(tmp_path, "bmo", OPERATOR)), place, {})
    names = [flag.partition("=")[0] for flag in core["command"][1:]]

    assert names == [
        *("--kubeconfig", "--webhook-port", "--webhook-cert-dir", "--health-addr", "--diagnostics-address"),
        *("--insecure-diagnostics", "--leader-elect", "--v"),
    ]
    assert [flag.partition("=")[0] for flag in operator["command"][1:]] == [
        *("--kubeconfig", "--webhook-port", "--health-probe-bind-address", "--metrics-bind-address", "--enable-leader-election")
    ]


def test_its_certificate_is_where_it_is_told_and_where_it_looks_by_itself(tmp_path, place):
    core = manager("capi", Program(program(tmp_path, "core", CLUSTER_API)), place, {})
    told = next(flag.partition("=")[2] for flag in core["command"] if flag.startswith("--webhook-cert-dir"))

    assert told == f"{core['environment']['TMPDIR']}/k8s-webhook-server/serving-certs"
    assert sorted(path.name for path in (tmp_path / "files").rglob("tls.*")) == ["tls.crt", "tls.key"]


def test_a_manager_whose_health_cannot_be_asked_is_refused(tmp_path, place):
    with pytest.raises(RefusedError, match="has neither --health-addr nor --health-probe-bind-address"):
        manager("ipam", Program(program(tmp_path, "ipam", "echo '  -kubeconfig string'")), place, {})


def test_a_manager_for_another_machine_is_refused(tmp_path):
    alien = tmp_path / "alien"
    alien.write_bytes(b"\x7fELF of another world")
    alien.chmod(0o755)
    with pytest.raises(RefusedError, match="a manager built for this machine is needed"):
        known_flags(alien)


def test_an_operator_finds_its_ironic_and_the_credentials_are_in_no_argument(tmp_path, place):
    environment = operator_environment(place, "http://127.77.1.1:6385", ("ironic", "hunter2"))

    assert environment["IRONIC_ENDPOINT"] == "http://127.77.1.1:6385/v1/"
    assert "hunter2" not in str(environment)
    assert (tmp_path / "certificates/auth-source/ironic/password").read_text() == "hunter2"
