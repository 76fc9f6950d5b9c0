"""What is known of the variables beforehand is what there is: Ironic's members those that are asked for, a host's those of its CRD."""

from pathlib import Path
from typing import get_args

import pytest
import yaml

from harness.files.conditions.syntax import read
from harness.files.conditions.types import ANY, BOOL, DOUBLE, INT, MAP, NUMBERS, TEXT, ListOf, Struct
from harness.journal.facts import AnyFact
from harness.sight.ironic import FIELDS
from harness.verdict.promises.facts_read import OF_A_HOST, asked, every_fact
from harness.verdict.promises.variables import HOST, IRONIC, members_of_facts, variables

SHARED = Path(__file__).parents[4] / "shared"
CRD = SHARED / "crds" / "metal3.io_baremetalhosts.yaml"


def test_of_ironic_exactly_what_is_asked_for_is_known():
    assert set(IRONIC.members) == set(FIELDS)


@pytest.mark.shared
@pytest.mark.skipif(not CRD.exists(), reason="../shared is not there")
def test_of_a_host_all_that_its_definition_has_is_known_with_its_type():
    schema = yaml.safe_load(CRD.read_text())["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    wrong = list(differences(HOST, {**schema["properties"], "metadata": {}}, ""))
    assert wrong == []


def differences(known, properties, path):
    """Members that are not known, and those of another type; a table of which nothing is known holds any."""
    for name, schema in properties.items():
        here = f"{path}.{name}"
        kind = known.members.get(name)
        if kind is None:
            if not known.open:
                yield f"{here} is not known"
        elif isinstance(kind, Struct) and "properties" in schema:
            yield from differences(kind, schema["properties"], here)
        elif schema.get("type") and not fits(kind, schema["type"]):
            yield f"{here} is {schema['type']}, and known as {kind}"


def fits(kind, wanted):
    if isinstance(kind, ListOf):
        return wanted == "array"
    if isinstance(kind, Struct) or kind == MAP:
        return wanted == "object"
    return kind == ANY or (
        kind in NUMBERS if wanted in ("integer", "number") else kind == {"string": TEXT, "boolean": BOOL}.get(wanted)
    )


def test_every_fact_has_its_members_with_their_types():
    assert set(members_of_facts()) == {it.__name__ for it in get_args(AnyFact)} == every_fact()
    assert members_of_facts()["BmcRequest"]["status"] == INT
    assert members_of_facts()["MoverEnded"]["seconds"] == DOUBLE
    assert members_of_facts()["ObjectSeen"]["inferred"] == BOOL
    fact = variables("run")["fact"].members
    assert (fact["at"], fact["fact"], fact["method"]) == (DOUBLE, TEXT, TEXT)


@pytest.mark.parametrize(
    ("condition", "form", "names"),
    [
        ("fact.fact == 'MoverEnded'", "never", {"MoverEnded"}),
        ("'MoverEnded' == fact.fact && fact.code == 0", "never", {"MoverEnded"}),
        ("fact.fact in ['BmcRead', 'BmcRequest']", "never", {"BmcRead", "BmcRequest"}),
        ("fact.method == 'POST'", "never", {"BmcRequest"}),
        ("fact.fact != 'MoverEnded' || fact.code == 0", "always", {"MoverEnded"}),
        ("!(fact.fact == 'MoverEnded' && fact.code != 0)", "always", {"MoverEnded"}),
        ("fact.code == 0", "always", {"MoverEnded", "ApiWrite"}),
        ("has(fact.method) && fact.status > 399", "never", {"BmcRequest"}),
        ("fact.method == 'POST' || fact.fact == 'BmcRead'", "never", {"BmcRequest", "BmcRead"}),
        ("fact.uuid", "stable", {"IronicNode", "IronicNodeGone"}),
        ("false && fact.at > 1.0", "never", set()),
        ("fact.at > 1.0", "never", every_fact()),
        ("!has(fact.method)", "never", every_fact()),
    ],
)
def test_a_condition_is_asked_of_the_facts_that_matter_to_it(condition, form, names):
    assert asked(form, read(condition)) == names


def test_the_facts_that_tell_of_one_host_say_of_which():
    for name in OF_A_HOST:
        assert {"host", "name"} & set(members_of_facts()[name])


@pytest.mark.parametrize(
    ("form", "text", "asked_of"),
    [
        ("never", "fact.seconds > 1.0", {"HarnessStalled", "MoverEnded"}),
        ("stable", "fact.seconds", {"HarnessStalled", "MoverEnded"}),
        ("never", "fact.seconds > 1.0 && fact.code != 0", {"MoverEnded"}),
        ("never", "fact.fact == 'MoverEnded' || fact.fact == 'HarnessStalled'", {"MoverEnded", "HarnessStalled"}),
        ("never", "fact.fact in ['MoverEnded', 'MoverSaid']", {"MoverEnded", "MoverSaid"}),
        ("never", "'MoverEnded' == fact.fact", {"MoverEnded"}),
        ("never", "!(fact.fact != 'MoverEnded')", {"MoverEnded"}),
        ("always", "fact.fact != 'MoverEnded'", {"MoverEnded"}),
        ("never", "fact.fact == 'MoverEnded' && false", set()),
        ("never", "has(fact.code) && fact.fact == 'MoverEnded'", {"MoverEnded"}),
        ("never", "has(fact.code) && fact.fact == 'MoverStarted'", set()),
    ],
)
def test_a_promise_asks_the_facts_by_which_it_can_be_broken(form, text, asked_of):
    assert asked(form, read(text)) == asked_of
