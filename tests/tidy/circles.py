"""Circles of imports."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

Imports = Mapping[str, Iterable[str]]


def circles(imports: Imports) -> Iterator[list[str]]:
    """Sets of modules that import each other in a circle (the strongly connected ones, by Kosaraju)."""
    nodes = sorted({*imports, *(it for targets in imports.values() for it in targets)})
    backwards = defaultdict(list)
    for module, targets in imports.items():
        for target in targets:
            backwards[target].append(module)
    order = [node for tree in _trees(nodes, imports) for node in tree]
    yield from (sorted(tree) for tree in _trees(reversed(order), backwards) if len(tree) > 1)


def _trees(nodes: Iterable[str], edges: Imports) -> Iterator[list[str]]:
    """What can be reached from each node and was not reached before, deepest first."""
    seen: set[str] = set()
    for root in nodes:
        tree: list[str] = []
        stack = [(root, False)]
        while stack:
            node, left = stack.pop()
            if left:
                tree.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((target, False) for target in edges.get(node, ()))
        if tree:
            yield tree


def between_folders(imports: Imports, package: str) -> dict[str, set[str]]:
    """The imports among the rooms of one package: its own files, and its folders as wholes."""
    found = defaultdict(set)
    for module, targets in imports.items():
        for target in targets:
            here, there = _room(module, package), _room(target, package)
            if here and there and here != there:
                found[here].add(there)
    return found


def _room(module: str, package: str) -> str:
    return module.removeprefix(f"{package}.").partition(".")[0] if module.startswith(f"{package}.") else ""


def packages(imports: Imports) -> set[str]:
    """Every package among the modules."""
    return {module[:place] for module in imports for place, letter in enumerate(module) if letter == "."}
