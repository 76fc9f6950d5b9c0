"""The tree as the checkers of this folder see it: {path: text}. A test plants a fault in a copy, and sees it told."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("harness", "bmc", "benchmarks")
READ = (*PRODUCT, "tests")
LISTED = (*READ, "docs", "scenarios", "labs", ".ci")
TOP = ("*.md", "*.toml", "*.yaml", "Makefile")
NOT_OURS = ("__pycache__", "tests/recordings/", "processes/components/")

Tree = Mapping[str, str]
Function = ast.FunctionDef | ast.AsyncFunctionDef
parsed = cache(ast.parse)


@cache
def whole_tree() -> Tree:
    """Every text file of ours that somebody wrote, by its path."""
    found = [path for folder in LISTED for path in (ROOT / folder).rglob("*")] + [path for top in TOP for path in ROOT.glob(top)]
    named = {path.relative_to(ROOT).as_posix(): path for path in found if path.is_file()}
    wanted = {name: path for name, path in named.items() if not any(it in name for it in NOT_OURS)}
    texts = {name: path.read_bytes() for name, path in sorted(wanted.items())}
    return {name: text.decode() for name, text in texts.items() if b"\0" not in text[:9999] and not name.endswith(".xz")}


def is_product(path: str) -> bool:
    """Is this a Python file of the product, which the benchmarks belong to here?"""
    return path.endswith(".py") and path.partition("/")[0] in PRODUCT


def python(tree: Tree, *, product: bool = False) -> Iterator[tuple[str, ast.Module]]:
    """The Python files, parsed."""
    for path, text in tree.items():
        if is_product(path) or (not product and path.endswith(".py")):
            yield path, parsed(text)


def classes(tree: Tree) -> Iterator[tuple[str, ast.ClassDef]]:
    """Every class of the product, with its file."""
    for path, module in python(tree, product=True):
        yield from ((path, node) for node in ast.walk(module) if isinstance(node, ast.ClassDef))


def functions(tree: Tree) -> Iterator[tuple[str, Function]]:
    """Every function and method, with its file."""
    for path, module in python(tree):
        yield from ((path, node) for node in ast.walk(module) if isinstance(node, Function))


def bound(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a file defines."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign():
            return [target.id for target in node.targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(name)):
            return [name]
    return []
