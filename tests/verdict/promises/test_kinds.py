"""What is known beforehand of objects other than hosts: all that recorded ones have, and all that their definitions have."""

from pathlib import Path

import pytest
import yaml

from harness.files.conditions.types import BOOL, INT, MAP, TEXT, ListOf, Struct
from harness.verdict.promises.examine import examine
from harness.verdict.promises.kinds import members_of_kinds
from harness.verdict.promises.variables import CONDITIONS, object_of
from harness.world.moved_kinds import GROUPS, group_of, kind_name
from tests.recorded import rows_of
from tests.verdict.promises.test_variables import SHARED, differences

KINDS = [kind for kind in GROUPS if kind not in ("Secret", "CustomResourceDefinition")]
DEFINITIONS = SHARED / "crds"


@pytest.mark.parametrize("recording", ["b-good-pivot", "h-deprovision-after-repivot"])
def test_all_that_recorded_objects_have_is_known(recording):
    bodies = [row["object"] for row in rows_of(recording)["watch"] if "object" in row]
    known = [(kind_name(it["kind"], group_of(it["apiVersion"])), it) for it in bodies if "kind" in it]
    shown = {(kind, path) for kind, body in known if kind in KINDS for path in paths(object_of(kind), body)}

    assert shown == set()


def paths(known, value, path=""):
    """The paths of members that are not known, or are of another type."""
    if isinstance(known, Struct) and isinstance(value, dict):
        for name, member in value.items():
            if name in known.members:
                yield from paths(known.members[name], member, f"{path}.{name}")
            elif not known.open and name != "managedFields":  # no journal has them
                yield f"{path}.{name}"
    elif not fits(known, value):
        yield f"{path} is known as {known}"


def fits(known, value):
    """Can this value be of that type?"""
    expected = {TEXT: str, BOOL: bool, INT: int, MAP: dict}
    if isinstance(known, ListOf):
        return value is None or isinstance(value, list)
    return value is None or not isinstance(known, str) or known not in expected or isinstance(value, expected[known])


@pytest.mark.shared
@pytest.mark.skipif(not DEFINITIONS.exists(), reason="../shared is not there")
@pytest.mark.parametrize("path", sorted(DEFINITIONS.glob("*.yaml")), ids=lambda it: Path(it).stem)
def test_all_that_a_definition_has_is_known_with_its_type(path):
    spec = yaml.safe_load(path.read_text())["spec"]
    kind = kind_name(spec["names"]["kind"], spec["group"])
    versions = [it["schema"]["openAPIV3Schema"]["properties"] for it in spec["versions"]]

    assert [it for version in versions for it in differences(object_of(kind), {**version, "metadata": {}}, "")] == []


def test_conditions_and_references_are_known_and_what_lies_deeper_is_not():
    machine = object_of("Machine").members

    assert machine["status"].members["conditions"] == CONDITIONS
    assert machine["spec"].members["readinessGates"] == ListOf("any")
    assert machine["spec"].members["infrastructureRef"].members["name"] == TEXT
    assert object_of("MachineDeployment").members["spec"].members["template"].members["spec"] == MAP
    assert object_of("RKE2ControlPlane").members["status"] == "any"
    assert not {"spec"} & set(object_of("KubeadmConfig").members)
    assert set(members_of_kinds()) <= set(GROUPS)


WRONG = {
    "object.spec.pausd": ("Cluster", 12, '`spec` of a Cluster has no "pausd"'),
    "object.status.initialization.provisionned": (
        "Metal3Machine",
        29,
        '`initialization` of `status` of a Metal3Machine has no "provisionned"',
    ),
    "object.statu.phase == 'Running'": ("Machine", 7, 'a Machine has no "statu"'),
    "object.status.phase == 1": ("Machine", 0, "a text is compared with a whole number; they are never equal"),
    "object.status.phase == 'a'": ("IPAddress", 7, 'an IPAddress has no "status"'),
    "object.spec.files == 'a'": ("KubeadmConfig", 7, 'a KubeadmConfig has no "spec"'),
    "object.spec.size > 1": (
        "Widget.example.org",
        7,
        'an object of a kind that is not upstream\'s, in the journal, has no "spec"',
    ),
}


@pytest.mark.parametrize("condition", WRONG)
def test_a_member_that_cannot_be_is_told_with_its_place(condition):
    kind, at, says = WRONG[condition]

    assert [(it.at, it.cause) for it in examine(condition, "never", "kind", kind)] == [(at, says)]


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("object.spec['newMember'] == 1", "Machine"),
        ("object.spec.paused", "Cluster"),
        ("object.status.conditions.exists(it, it.type == 'Ready')", "Machine"),
        ("object.status.readyReplicas < object.spec.replicas", "MachineSet"),
        ("object.spec.template.spec.version == 'v1'", "MachineDeployment"),
        ("object.status.anything.goes", "RKE2ControlPlane"),
    ],
)
def test_a_member_that_can_be_is_no_mistake(condition, kind):
    assert examine(condition, "never", "kind", kind) == []
