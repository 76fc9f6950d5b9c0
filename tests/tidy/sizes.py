"""How large a folder, a file and a function may be."""

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.tidy.tree import Tree, functions, is_product

FOLDER_MAX = 12
PRODUCT_LINES_MAX = 300
TEST_LINES_MAX = 500
"""A test file tells the stories of one room; the longest today has 466 lines."""
FUNCTION_LINES_MAX = 40

ONE_WORD_A_FILE = {
    "harness/checks": "one check a file",
    "harness/steps": "one step a file",
    "harness/faults": "one fault a file",
    "harness/catalogue": "one planted defect a file",
    "harness/cli/commands": "one command a file",
    "bmc/witness/families": "one vendor family a file",
    "bmc/redfish/personality": "one personality a file",
    "harness/sight/sources": "one source a file",
    "harness/report/documents": "one document a file",
    "tests/checks": "one check a file",
    "tests/steps": "one step a file",
    "tests/faults": "one fault a file",
    "tests/emulated/apiserver/oracle/probes": "the probes of one subject a file",
}
LONG_FILES = {
    "harness/journal/facts.py": "the closed vocabulary of facts is one page by design: whoever adds to it sees all of it"
}
LONG_FUNCTIONS = {
    "harness/processes/parts/ironic_start.py: _configuration": "Ironic's configuration file, one option a line",
    "tests/bmc/judges/ironic_process.py: _configuration": "the same, of the Ironic that judges",
    "tests/report/conftest.py: write_run": "a whole journal, one fact a line",
}


def large_folders(tree: Tree, *, allowed: dict[str, str] = ONE_WORD_A_FILE) -> Iterator[str]:
    """Folders with more Python files than a reader takes in at a glance, but those of one word a file."""
    counted = Counter(str(PurePosixPath(path).parent) for path in tree if path.endswith(".py"))
    for folder, number in counted.items():
        if number > FOLDER_MAX and folder not in allowed:
            yield f"{folder} has {number} Python files, more than {FOLDER_MAX}"


def long_files(tree: Tree, *, allowed: dict[str, str] = LONG_FILES) -> Iterator[str]:
    """Python files longer than their limit, and exceptions that need to be none."""
    for path, text in tree.items():
        if not path.endswith(".py"):
            continue
        limit = PRODUCT_LINES_MAX if is_product(path) else TEST_LINES_MAX
        lines = text.count("\n")
        if lines > limit and path not in allowed:
            yield f"{path} has {lines} lines, more than {limit}"
        elif lines <= limit and path in allowed:
            yield f"{path} is no exception any more: it has {lines} lines"


def long_functions(tree: Tree, *, allowed: dict[str, str] = LONG_FUNCTIONS) -> Iterator[str]:
    """Functions longer than a screen, and exceptions that need to be none."""
    for path, node in functions(tree):
        name = f"{path}: {node.name}"
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > FUNCTION_LINES_MAX and name not in allowed:
            yield f"{name} has {lines} lines, more than {FUNCTION_LINES_MAX}"
        elif lines <= FUNCTION_LINES_MAX and name in allowed:
            yield f"{name} is no exception any more: it has {lines} lines"
