import pytest

from harness.lab.model import Component
from harness.processes.programs.user_programs import UserProgramLimits, unfit
from tests.processes.small_programs import program

HELP = "echo '  -health-addr string'"


@pytest.fixture
def one(tmp_path):
    def of(name: str, script: str, *flags: str) -> list[str]:
        return list(unfit({name: Component("path", program(tmp_path, name, script), flags)}))

    return of


def test_a_program_that_this_machine_cannot_run_is_told(tmp_path):
    path = program(tmp_path, "etcd", "")
    path.write_bytes(b"\x7fELF of another machine")

    (said,) = unfit({"etcd": Component("path", path), "capi": Component("pinned")})
    assert said == f"`components: etcd`: {path} cannot be started (Exec format error); a program built for this machine is needed"


def test_a_program_whose_interpreter_is_missing_is_told_as_that(tmp_path):
    path = program(tmp_path, "bmo", "")
    path.write_text("#!/no/such/shell\n")

    (said,) = unfit({"bmo": Component("path", path)})
    assert f"what {path} is run by, its interpreter or loader, is not on this machine" in said


def test_a_manager_of_which_nobody_could_tell_when_it_is_ready_is_told(one):
    assert "has neither --health-addr nor --health-probe-bind-address" in one("capi", "echo '  -kubeconfig string'")[0]
    assert one("bmo", HELP) == []


def test_a_manager_that_does_not_tell_its_flags_is_told_with_what_it_says(one):
    said = one("capm3", "echo 'error while loading shared libraries: libfoo.so.1' >&2; exit 127")[0]

    assert "tells of no flags by `--help`; it says: error while loading shared libraries: libfoo.so.1" in said


def test_a_script_that_does_not_hand_on_what_it_is_asked_is_told(tmp_path):
    script = Component("path", program(tmp_path, "ipam", "sleep 20"))
    (said,) = unfit({"ipam": script}, UserProgramLimits(flags_seconds=0.1))

    assert "does not end within 0.1 s of `--help`" in said
    assert 'a script that does `exec MANAGER "$@"`' in said


def test_flags_are_looked_at_before_anything_is_started(one):
    assert "`components: capm3`: `flags`: --leader-elect needs a Pod to be in" in one("capm3", HELP, "--leader-elect")[0]
    assert one("bmo", HELP, "--enable-leader-election") == []


def test_an_ironic_outside_of_its_environment_is_told(one, tmp_path):
    assert "there is no ironic-dbsync and no python beside" in one("ironic", "exit 0")[0]


def test_a_server_need_not_know_help(one):
    assert one("kube-apiserver", "exit 3") == []


DEFINITION = """
kind: CustomResourceDefinition
metadata: {name: metal3machines.infrastructure.cluster.x-k8s.io}
spec: {group: infrastructure.cluster.x-k8s.io, versions: [VERSIONS]}
"""
OLD, NEW = ("{{name: {}, served: true, storage: {}}}".format(*each) for each in (("v1beta1", "true"), ("v1beta2", "false")))


@pytest.mark.parametrize(
    ("manifests", "cause"),
    {
        "kind: Deployment": "there is no CustomResourceDefinition of capm3's in",
        "kind: CustomResourceDefinition\n  at: odds": "is no YAML",
        DEFINITION.replace("VERSIONS", OLD): "in v1beta1 only, and this lab's objects are v1beta2",
        DEFINITION.replace("VERSIONS", f"{OLD}, {NEW}"): "as v1beta1, and this lab's objects are v1beta2",
        DEFINITION.replace("VERSIONS", NEW.replace("false", "true")): "",
    }.items(),
)
def test_manifests_that_no_lab_can_use_are_told_before_anything_is_started(tmp_path, manifests, cause):
    (tmp_path / "crds.yaml").write_text(manifests)
    said = list(unfit({"capm3": Component("path", program(tmp_path, "capm3", HELP), (), tmp_path)}))

    assert len(said) == bool(cause)
    assert cause in "".join(said)
