import grimp
import pytest

from tests.tidy import names, sizes
from tests.tidy.circles import between_folders, circles, packages
from tests.tidy.tree import whole_tree

pytestmark = pytest.mark.xdist_group("tidy")
"""One process parses the tree for all of them."""

CHECKERS = {
    "a large folder": sizes.large_folders,
    "a long file": sizes.long_files,
    "a long function": sizes.long_functions,
    "a name with two meanings": names.homonyms,
    "an exception not called so": names.misnamed_exceptions,
    "a dead name": names.dead_names,
    "a public thing unexplained": names.unexplained,
}

LINES = '"""A file."""\n' + "# said\n" * 300
LONG_FUNCTION = '"""A file."""\n\n\ndef long():\n    """Go on."""\n' + "    long()\n" * 40
CLASS = '"""A file."""\n\n\nclass World:\n    """Planted."""\n\n\nWorld()\n'

HERE = {
    path: whole_tree()[path]
    for path in whole_tree()
    if path.startswith(("harness/lab/", "harness/world/", "harness/files/", "bmc/"))
}
PLANTED = {
    "a large folder": [
        ({f"harness/lab/planted_{n}.py": "" for n in range(12)}, "harness/lab has "),
        ({f"tests/lab/planted_{n}.py": "" for n in range(13)}, "tests/lab has"),
    ],
    "a long file": [
        ({"bmc/planted.py": LINES}, "bmc/planted.py has 301 lines"),
        ({"tests/test_planted.py": LINES * 2}, "tests/test_planted.py has 602 lines"),
        ({"harness/journal/facts.py": ""}, "facts.py is no exception any more"),
    ],
    "a long function": [
        ({"harness/lab/planted.py": LONG_FUNCTION}, "harness/lab/planted.py: long has 42 lines"),
        ({"harness/processes/parts/ironic_start.py": "def _configuration(): ..."}, "_configuration is no exception any more"),
    ],
    "a name with two meanings": [
        ({"bmc/planted.py": CLASS}, "class World is defined in harness/world/world.py and bmc/planted.py"),
        (
            {"bmc/planted.py": "World = dict[str, int]\n"},
            "alias World of bmc/planted.py is also a class, of harness/world/world.py",
        ),
        ({"bmc/planted.py": "HostName = list[str]\n"}, "alias HostName stands for 2 types"),
    ],
    "an exception not called so": [
        ({"bmc/planted.py": "class Refused(Exception): ..."}, "bmc/planted.py: exception Refused does not end in Error"),
        (
            {"bmc/planted.py": "from bmc import errors\nclass Silent(errors.BmcError): ..."},
            "exception Silent does not end in Error",
        ),
    ],
    "a dead name": [
        ({"bmc/planted.py": "def planted_dead(): planted_dead()\n"}, "bmc/planted.py: planted_dead is used nowhere"),
        ({"bmc/planted.py": "_PLANTED_DEAD = 1\n"}, "bmc/planted.py: _PLANTED_DEAD is used nowhere"),
        (
            {"bmc/planted.py": "def planted(): ...\n", "tests/test_planted.py": "from bmc.planted import planted\nplanted()\n"},
            "bmc/planted.py: planted is used by tests only",
        ),
        ({"bmc/planted.py": "from bmc.redfish.act import eject_media\neject_media()\n"}, "eject_media is no exception any more"),
    ],
    "a public thing unexplained": [
        ({"bmc/planted.py": "x = 1\n"}, "bmc/planted.py has no docstring"),
        ({"bmc/planted.py": "def planted(): ...\n"}, "bmc/planted.py: planted has no docstring"),
        ({"bmc/planted.py": "class Planted:\n    'x'\n    def method(self): ...\n"}, "bmc/planted.py: method has no docstring"),
    ],
}

KNOWN_CIRCLES: dict[str, str] = {}
"""Circles that are still there, with the reason."""

PENDING: dict[str, list[str]] = {}
"""What is being mended beside this, by how it is told."""


@pytest.fixture(scope="module")
def imports():
    graph = grimp.build_graph("harness", "bmc")
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


@pytest.mark.parametrize("fault", CHECKERS)
def test_the_code_holds_no(fault):
    told = [line for line in CHECKERS[fault](whole_tree()) if not line.startswith(tuple(PENDING.get(fault, ["-"])))]
    assert told == []


@pytest.mark.parametrize(("fault", "planted", "told"), [(fault, *case) for fault, cases in PLANTED.items() for case in cases])
def test_what_is_planted_is_told(fault, planted, told):
    assert told in "\n".join(CHECKERS[fault]({**HERE, **planted}))


def test_every_folder_that_may_be_large_is_there():
    missing = [folder for folder in sizes.ONE_WORD_A_FILE if not any(path.startswith(f"{folder}/") for path in whole_tree())]
    assert missing == []


def test_no_module_imports_itself_in_a_circle(imports):
    assert list(circles(imports)) == []


def test_no_folders_of_one_package_import_each_other_in_a_circle(imports):
    found = {
        f"{package}: {', '.join(circle)}"
        for package in packages(imports)
        for circle in circles(between_folders(imports, package))
    }
    assert found == set(KNOWN_CIRCLES)


def test_a_circle_is_told(imports):
    planted = {**imports, "harness.errors": {"harness.cli.main"}}
    assert any({"harness.errors", "harness.cli.main"} <= set(circle) for circle in circles(planted))
    rooms = {
        "house.kitchen.sink": {"house.hall.door"},
        "house.hall.floor": {"house.kitchen.stove"},
        "house.roof": {"house.hall.door"},
    }
    assert list(circles(rooms)) == []
    assert list(circles(between_folders(rooms, "house"))) == [["hall", "kitchen"]]


def test_a_group_is_kept_in_one_process(request):
    """What a group parses, or runs, once would else be done once in each process."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@tidy")
