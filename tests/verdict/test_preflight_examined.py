"""What the pre-flight asks of every check that is marked for it: with those of its arguments that the check takes, and with own words."""

import pytest

from harness.checks import preflight_hosts, preflight_ironic, preflight_network, preflight_objects
from harness.files.words import WordFiles
from harness.verdict.preflight import examine
from tests.checks.test_preflight import fit

OWN = '''"""The lab is blue."""

from collections.abc import Iterator

from harness.judgement import Judgement, failed
from harness.world.world import World

PREFLIGHT = True
PROMISE = False


def check(world: World, *, colour: str = "green") -> Iterator[Judgement]:
    """It is not."""
    yield failed(f"it is {colour}")
'''


@pytest.fixture(scope="module")
def world():
    return fit().world(final=False)


def test_every_check_says_what_it_says_alone(world):
    alone = {
        it.__name__.rpartition(".")[2]: list(it.check(world)) for it in (preflight_hosts, preflight_ironic, preflight_network)
    }
    said = examine(world)

    assert {word: [it for name, it in said if name == word] for word in alone} == alone
    assert {it.verdict for _, it in said} == {"pass"}


def test_where_the_move_begins_is_told_to_those_who_ask(world):
    said = examine(world, {"origin": "target", "unheard": 1})

    assert [it for name, it in said if name == "preflight_objects"] == list(preflight_objects.check(world, origin="target"))
    assert [it for name, it in said if name == "preflight_objects"] != list(preflight_objects.check(world))


def test_a_check_of_ones_own_is_asked_too(world, tmp_path):
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks/lab_is_blue.py").write_text(OWN)
    said = examine(world, {"colour": "red"}, WordFiles([tmp_path]))

    assert [(it.verdict, it.says) for name, it in said if name == "lab_is_blue"] == [("fail", "it is red")]
    assert "lab_is_blue" not in {name for name, _ in examine(world)}
