"""Lays the tree out for mutmut, in build/mutants: a copy in which a decorated function is undecorated and decorated in a line below it.

mutmut leaves decorated functions as they are. `answered_once` stands above many questions that checks ask, so they would never be tried.
"""
# ruff: noqa: INP001, S603 - part of a script, and its commands are our own

import ast
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
STAGE = ROOT / "build" / "mutants"
MUTATED = ("harness/checks/", "harness/world/", "harness/verdict/")
KNOWN_TO_MUTMUT = ("staticmethod", "classmethod")


def lay_out() -> None:
    """Copy what git knows, as far as it changed since the last time; a file keeps its time, by which mutmut knows it."""
    for name in tracked():
        source, copy = ROOT / name, STAGE / name
        if not source.exists() or (copy.exists() and copy.stat().st_mtime == source.stat().st_mtime):
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy)
        if name.startswith(MUTATED) and name.endswith(".py"):
            copy.write_text(undecorated(source.read_text(encoding="utf-8")), encoding="utf-8")
            os.utime(copy, (source.stat().st_atime, source.stat().st_mtime))


def tracked() -> list[str]:
    """The files of the tree, also those that are new in it."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard")
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()


def undecorated(text: str) -> str:
    """The same code, each decorator of a function called in a line below it."""
    lines = text.splitlines()
    for function in sorted(functions(ast.parse(text)), key=lambda it: -it.lineno):
        first = function.decorator_list[0].lineno
        indent = " " * function.col_offset
        calls = [f"{indent}{function.name} = {ast.unparse(one)}({function.name})" for one in reversed(function.decorator_list)]
        lines[function.end_lineno : function.end_lineno] = calls
        del lines[first - 1 : function.lineno - 1]
    return "\n".join(lines) + "\n"


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Those that a decorator changes, at the top of the file or in a class."""
    bodies = [tree.body, *(it.body for it in tree.body if isinstance(it, ast.ClassDef))]
    for it in (one for body in bodies for one in body):
        if isinstance(it, ast.FunctionDef) and it.decorator_list and ast.unparse(it.decorator_list[0]) not in KNOWN_TO_MUTMUT:
            yield it
