import pytest

from harness.errors import UsageError
from harness.processes.parts.certificates import Authority
from harness.processes.parts.ironic_service import IronicEndpoint, operator_environment
from harness.processes.parts.manager import Surroundings, check_flags, known_flags, manager
from harness.processes.settings import ComponentProgram
from tests.processes.small_programs import program

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
    \t--no-such-flag is told of in a description
END
exit 2"""


@pytest.fixture
def place(tmp_path) -> Surroundings:
    authority = Authority(tmp_path / "certificates")
    return Surroundings("source", "127.77.1.1", tmp_path / "kubeconfig", authority, tmp_path / "files", tmp_path / "logs")


def test_a_manager_is_asked_for_its_flags_however_its_library_prints_them(tmp_path):
    assert {"health-addr", "v", "webhook-port"} <= known_flags(program(tmp_path, "core", CLUSTER_API))
    operator = known_flags(program(tmp_path, "bmo", OPERATOR))

    assert {"health-probe-bind-address", "enable-leader-election"} <= operator
    assert "no-such-flag" not in operator


def test_a_manager_is_given_the_flags_that_it_has_in_its_own_spelling_and_the_users_last(tmp_path, place):
    core = manager("capi", ComponentProgram(program(tmp_path, "core", CLUSTER_API), ("--v=5",)), place, {})
    operator = manager("bmo", ComponentProgram(program(tmp_path, "bmo", OPERATOR)), place, {})
    names = [flag.partition("=")[0] for flag in core["command"][1:]]

    assert names == [
        *("--kubeconfig", "--webhook-port", "--webhook-cert-dir", "--health-addr", "--diagnostics-address"),
        *("--insecure-diagnostics", "--leader-elect", "--v"),
    ]
    assert [flag.partition("=")[0] for flag in operator["command"][1:]] == [
        *("--kubeconfig", "--webhook-port", "--health-probe-bind-address", "--metrics-bind-address", "--enable-leader-election")
    ]


def test_its_certificate_is_where_it_is_told_and_where_it_looks_by_itself(tmp_path, place):
    core = manager("capi", ComponentProgram(program(tmp_path, "core", CLUSTER_API)), place, {})
    told = next(flag.partition("=")[2] for flag in core["command"] if flag.startswith("--webhook-cert-dir"))

    assert told == f"{core['environment']['TMPDIR']}/k8s-webhook-server/serving-certs"
    assert sorted(path.name for path in (tmp_path / "files").rglob("tls.*")) == ["tls.crt", "tls.key"]


def test_a_manager_whose_health_cannot_be_asked_is_refused(tmp_path, place):
    with pytest.raises(UsageError, match="has neither --health-addr nor --health-probe-bind-address"):
        manager("ipam", ComponentProgram(program(tmp_path, "ipam", "echo '  -kubeconfig string'")), place, {})


def test_a_manager_for_another_machine_is_refused(tmp_path):
    alien = tmp_path / "alien"
    alien.write_bytes(b"\x7fELF of another world")
    alien.chmod(0o755)
    with pytest.raises(UsageError, match="a program built for this machine is needed"):
        known_flags(alien)


IRONIC = IronicEndpoint("http://127.77.1.1:6385", "http://127.77.1.1:6180", "ironic", "hunter2")


def test_an_operator_finds_its_ironic_and_the_credentials_are_in_no_argument(tmp_path, place):
    environment = operator_environment(program(tmp_path, "bmo", OPERATOR), place, IRONIC)

    assert environment["IRONIC_ENDPOINT"] == "http://127.77.1.1:6385/v1/"
    assert environment["DEPLOY_KERNEL_URL"] == "http://127.77.1.1:6180/ipa.kernel"
    assert "hunter2" not in f"{environment} {IRONIC}"
    assert (tmp_path / "certificates/auth-source/ironic/password").read_text() == "hunter2"


PLUGGABLE = OPERATOR.replace("-webhook-port int", "-webhook-port int\n  -provisioner string\n        the plugin")


@pytest.mark.parametrize("where", [".", "plugins"])
def test_an_operator_finds_its_provisioner_beside_itself(tmp_path, place, where):
    operator = program(tmp_path, "bmo", PLUGGABLE)
    assert "PROVISIONER_PLUGIN_DIR" not in operator_environment(operator, place, IRONIC)
    (tmp_path / where).mkdir(exist_ok=True)
    (tmp_path / where / "ironic-provisioner.so").touch()

    assert operator_environment(operator, place, IRONIC)["PROVISIONER_PLUGIN_DIR"] == str((tmp_path / where).resolve())


def test_an_operator_that_is_a_link_finds_its_provisioner_beside_itself(tmp_path, place):
    (tmp_path / "bin").mkdir()
    operator = program(tmp_path / "bin", "bmo", PLUGGABLE)
    (tmp_path / "bin/ironic-provisioner.so").touch()
    (tmp_path / "bmo").symlink_to(operator)

    assert operator_environment(tmp_path / "bmo", place, IRONIC)["PROVISIONER_PLUGIN_DIR"] == str((tmp_path / "bin").resolve())


def test_the_users_environment_says_where_the_provisioner_is(tmp_path, place, monkeypatch):
    monkeypatch.setenv("PROVISIONER_PLUGIN_DIR", "/elsewhere")
    (tmp_path / "ironic-provisioner.so").touch()

    assert "PROVISIONER_PLUGIN_DIR" not in operator_environment(program(tmp_path, "bmo", PLUGGABLE), place, IRONIC)


@pytest.mark.parametrize(
    "flags",
    [
        ("--webhook-port=9443",),
        ("--webhook-port", "0"),
        ("-health-addr", ":9440"),
        ("--health-addr=0",),
        ("--kubeconfig=/root/.kube/config",),
    ],
)
def test_what_the_lab_decides_is_not_the_users_to_give(flags):
    with pytest.raises(UsageError, match=f"--{flags[0].lstrip('-').split('=')[0]} is the lab's to give"):
        check_flags("capi", flags)


@pytest.mark.parametrize("flags", [("--leader-elect",), ("--leader-elect=true", "--v=4"), ("-leader-elect", "true")])
def test_only_an_operator_elects_a_leader_outside_of_a_pod(flags):
    with pytest.raises(UsageError, match="--leader-elect needs a Pod to be in; leave it out"):
        check_flags("capm3", flags)
    check_flags("bmo", ("--enable-leader-election", "--dev", "--namespace", "metal3"))
    check_flags("ipam", ("--leader-elect=false", "--diagnostics-address=0"))


def test_webhooks_that_the_user_of_an_operator_switches_off_are_not_called(tmp_path, place):
    off, on = (ComponentProgram(program(tmp_path, "core", CLUSTER_API), flags) for flags in (("--webhook-port=0",), ("--v", "5")))

    assert manager("bmo", off, place, {})["webhooks"] == ""
    assert manager("ipam", on, place, {})["webhooks"].startswith("https://127.77.1.1:")
