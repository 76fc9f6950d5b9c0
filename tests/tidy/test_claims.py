import re
import tomllib

import pytest

from harness.files.problems import Problems
from harness.scenario.grammar import read_scenario
from tests.tidy.claims import BLOCK, CHECKERS, documents
from tests.tidy.tree import whole_tree

README_LINES_MAX = 150

pytestmark = pytest.mark.xdist_group("tidy")
"""One process parses the tree for all of them."""

PLANTED = {
    "a command line that cannot be run": [
        ("harness rum", 'there is no command "rum"; did you mean "run"?'),
        ("harness run --gaurd", '"--gaurd" is too much here'),
        (".venv/bin/harness judge runs/a && harness report", "arguments are required: DIR"),
        ("make pivott", "make has no target pivott"),
        ("HOME=/tmp python -m harness.emulated.moover", "there is no module harness.emulated.moover"),
        ("python benchmarks/wotch.py", "there is no benchmarks/wotch.py"),
        ("kubeclt get nodes", "there is no program kubeclt"),
    ],
    "code that is none": [
        ("from harness.bench.bench import Bensch", "harness.bench.bench has no Bensch"),
        ("from harness.bensch import Bench", "there is no module harness.bensch"),
        ("async deff step():", "no Python: invalid syntax"),
    ],
    "an unknown command in a sentence": [
        ("As `harness rum` does.", "there is no command rum"),
        ("As `harness run [SCENARIO] [--lap FILE]` does.", "harness run has no option --lap"),
        ("As `harness lab up --dri DIR` does.", "harness lab up has no option --dri"),
        ("As `make pivott` does.", "make has no target pivott"),
    ],
    "a file that is not there": [
        ("See `harness/worlds/world.py`.", "there is no harness/worlds/world.py"),
        ("See `labs/{lab-ipmi,lab-ipmy}.yaml`.", "there is no labs/{lab-ipmi,lab-ipmy}.yaml"),
        ("See [this](docs/tutoriall.md).", "the link docs/tutoriall.md leads nowhere"),
        ("See [this](docs/tutorial.md#7-a-pivot).", "docs/tutorial.md has no heading #7-a-pivot"),
    ],
    "a name that nothing bears": [
        ("The check `bmc_untuchd`.", "nothing is called bmc_untuchd"),
        ("Raise `StepFaildError`.", "nothing is called StepFaildError"),
        ("Use `{status_lots: {host: node-1}}`.", "nothing is called status_lots"),
    ],
    "a path to no module": [
        ("It is harness.emulated.moover that moves.", "there is no harness.emulated.moover"),
        ("It is `bmc.machine.Mashine`.", "there is no bmc.machine.Mashine"),
    ],
}


@pytest.mark.parametrize("fault", CHECKERS)
def test_the_documents_hold_no(fault):
    assert list(CHECKERS[fault](whole_tree())) == []


@pytest.mark.parametrize(("fault", "line", "told"), [(fault, *case) for fault, cases in PLANTED.items() for case in cases])
def test_a_false_line_in_the_readme_is_told(fault, line, told):
    language = {"a command line that cannot be run": "sh", "code that is none": "python"}.get(fault)
    text = f"```{language}\n{line}\n```\n" if language else line
    planted = {**whole_tree(), "README.md": f"{whole_tree()['README.md']}\n{text}\n"}
    found = [line for line in CHECKERS[fault](planted) if line.startswith("README.md: ")]
    assert len(found) == 1
    assert told in found[0]


def test_an_option_that_is_not_documented_is_told():
    page = "docs/reference/commands.md"
    planted = {**whole_tree(), page: whole_tree()[page].replace("--detach", "").replace("harness doctor", "")}
    assert list(CHECKERS["an option that is not documented"](planted)) == [
        f"{page} does not name harness doctor",
        f"{page} does not name --detach of harness lab up",
    ]


def test_a_stale_path_in_a_docstring_is_told():
    planted = {**whole_tree(), "bmc/planted.py": '"""What harness.kube_client did."""\n'}
    assert list(CHECKERS["a path to no module"](planted)) == ["bmc/planted.py: there is no harness.kube_client"]


def test_the_readme_is_read_in_one_go():
    assert len(whole_tree()["README.md"].splitlines()) <= README_LINES_MAX


def test_the_floors_of_the_architecture_page_are_those_of_the_contract():
    contracts = tomllib.loads(whole_tree()["pyproject.toml"])["tool"]["importlinter"]["contracts"]
    layers = next(it["layers"] for it in contracts if it.get("containers") == ["harness"])
    rows = re.findall(r"^\| (`.*?`) \| ", whole_tree()["docs/architecture.md"].partition("| floor")[2], re.MULTILINE)
    floors = [set(re.findall(r"\w+", row)) for row in rows[: len(layers)]]
    assert floors == [set(re.findall(r"\w+", layer)) for layer in layers]


def test_every_scenario_in_the_documents_can_be_read(tmp_path):
    found = [
        block["text"] for _, text in documents(whole_tree()) for block in BLOCK.finditer(text) if "steps:\n" in block["text"]
    ]
    assert found
    for text in found:
        (tmp_path / "story.yaml").write_text(text)
        problems = Problems()
        assert read_scenario(tmp_path / "story.yaml", problems) is not None, problems


def test_every_shipped_scenario_and_lab_is_named_in_the_documents():
    pages = "\n".join(text for _, text in documents(whole_tree()))
    shipped = [path for path in whole_tree() if path.endswith(".yaml") and path.startswith(("scenarios/", "labs/", "lab"))]
    names = {path: path.split("/")[-1].removesuffix(".yaml") for path in shipped}
    assert [path for path in shipped if path not in pages and f"`{names[path]}`" not in pages] == []
