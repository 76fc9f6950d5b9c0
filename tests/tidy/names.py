"""What a name means, that it is used, and that it is explained."""

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.tidy.tree import Function, Tree, bound, classes, python

CONTRACTS = {
    "harness/steps/": {"step"},
    "harness/faults/": {"fault"},
    "harness/checks/": {"check", "PROMISE", "PREFLIGHT", "MODES", "ORDER"},
    "harness/cli/commands/": {"add", "perform", "HELP"},
    "harness/report/documents/": {"DOCUMENT"},
    "harness/sight/sources/": {"SOURCE"},
    "bmc/witness/families/": {"FAMILY"},
    "bmc/redfish/personality/": {"PERSONALITY"},
    "benchmarks/mutants/": {"pytest_configure", "pytest_collection_modifyitems"},
}
"""Names that are found by what kind of word their file is."""

TESTED_ONLY = {
    "harness/scenario/grammar.py: load_scenario": "the door for programs that read one scenario",
    "harness/compare/accepted.py: markdown_table": "writes the table of docs/fidelity.md, which a test compares",
    "bmc/redfish/act.py: insert_media": "bmc/ is a library: what Ironic does to a BMC it can do",
    "bmc/redfish/act.py: eject_media": "the same",
}
"""What only tests use, and stays in the product for a reason."""

WORD = re.compile(r"[\w.:]+")
BUILTIN_EXCEPTIONS = {name for name, it in vars(builtins).items() if isinstance(it, type) and issubclass(it, BaseException)}


def homonyms(tree: Tree) -> Iterator[str]:
    """Class names with two meanings, aliases that share a class's name, and aliases of one name for two types.

    A name stands for one thing in the whole product. An alias may be written in several files where it is the same type each
    time (`Json = dict[str, Any]`); a type variable is no alias.
    """
    places = defaultdict(list)
    for path, node in classes(tree):
        places[node.name].append(path)
    yield from (f"class {name} is defined in {' and '.join(paths)}" for name, paths in places.items() if len(paths) > 1)
    types = defaultdict(dict)
    for path, name, text in _aliases(tree):
        types[name].setdefault(text, path)
    for name, found in types.items():
        if name in places:
            yield f"alias {name} of {next(iter(found.values()))} is also a class, of {places[name][0]}"
        elif len(found) > 1:
            yield f"alias {name} stands for {len(found)} types: {', '.join(f'{text} in {path}' for text, path in found.items())}"


def _aliases(tree: Tree) -> Iterator[tuple[str, str, str]]:
    """Each type alias: its file, its name, and what it stands for."""
    for path, module in python(tree, product=True):
        for node in module.body:
            if isinstance(node, ast.Assign) and not _is_type_variable(node.value):
                again = node.value.attr if isinstance(node.value, ast.Attribute) else ""
                camel = [name for name in bound(node) if re.fullmatch(r"_?[A-Z][a-z]\w*", name) and name != again]
                yield from ((path, name, ast.unparse(node.value)) for name in camel)


def _is_type_variable(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"TypeVar", "ParamSpec"}


def misnamed_exceptions(tree: Tree) -> Iterator[str]:
    """Exceptions whose names do not end in Error."""
    bases = {node.name: {_last(base) for base in node.bases} for _, node in classes(tree)}
    known: set[str] = set(BUILTIN_EXCEPTIONS)
    while new := {name for name, its in bases.items() if its & known} - known:
        known |= new
    for path, node in classes(tree):
        if node.name in known and not node.name.endswith("Error"):
            yield f"{path}: exception {node.name} does not end in Error"


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def dead_names(tree: Tree, *, tested_only: dict[str, str] = TESTED_ONLY) -> Iterator[str]:
    """Definitions at the top of the product's files that nothing names, or nothing but tests.

    A string that is a name, or a dotted path of names, names too (`"harness.cli.main:main"`), and so does a text of the build. An
    import alone does not, nor does what stands inside the definition itself.
    """
    users = _users(tree)
    for path, module in python(tree, product=True):
        contract = {name for folder, names in CONTRACTS.items() if path.startswith(folder) for name in names}
        for name in (name for node in module.body for name in bound(node)):
            told = f"{path}: {name}"
            by = {user for user, owner in users[name] if (user, owner) != (path, name)}
            if name.startswith("__") or name in contract:
                continue
            if not by:
                yield f"{told} is used nowhere"
            elif all(user.startswith("tests/") for user in by) != (told in tested_only):
                yield f"{told} is {'no exception any more' if told in tested_only else 'used by tests only'}"


def _users(tree: Tree) -> dict[str, set[tuple[str, str]]]:
    """For each name the files that name it, and within which definition."""
    users = defaultdict(set)
    for path, module in python(tree):
        for statement in module.body:
            owner = (bound(statement) or [""])[0]
            for node in ast.walk(statement):
                for name in _named(node):
                    users[name].add((path, owner))
    for path in ("pyproject.toml", "Makefile", ".ci/run"):
        for name in re.findall(r"\w+", tree.get(path, "")):
            users[name].add((path, ""))
    return users


def _named(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(name) | ast.Attribute(attr=name):
            return [name]
        case ast.Constant(str(text)) if WORD.fullmatch(text):
            return re.split(r"[.:]", text)
    return []


def unexplained(tree: Tree) -> Iterator[str]:
    """Public files, classes, functions and methods of the product without a docstring.

    Not asked of dunders, of setters, of overloads, and of what a protocol or an interface of somebody else names (`...`, noqa: D102).
    """
    for path, module in python(tree, product=True):
        if not ast.get_docstring(module) and not path.endswith("__init__.py"):
            yield f"{path} has no docstring"
        for owner in (module, *(node for node in module.body if isinstance(node, ast.ClassDef))):
            if not getattr(owner, "name", "").startswith("_"):
                yield from (f"{path}: {node.name} has no docstring" for node in owner.body if _needs_docstring(node, tree[path]))


def _needs_docstring(node: ast.stmt, text: str) -> bool:
    if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_") or ast.get_docstring(node):
        return False
    excused = "noqa: D102" in text.splitlines()[node.lineno - 1] or any(
        _last(it) in {"setter", "overload"} for it in node.decorator_list
    )
    return not excused
