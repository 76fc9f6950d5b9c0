"""What the documents claim, executed: command lines parse, and every file and name they speak of is there."""

import ast
import importlib.util
import re
import shlex
import textwrap
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from harness.cli.main import parse, parser
from harness.errors import UsageError
from tests.tidy.tree import LISTED, Tree

DOCUMENTS = re.compile(r"[^/]+\.md|docs/.*\.md")
PLANTS = {"tests/tidy/test_claims.py", "tests/tidy/test_code.py"}
PROGRAMS = {"kubectl", "clusterctl", "curl", "git", "pip", "pre-commit", "cd", "export", "openssl", "python", "python3"}
"""Programs of others that a document may call."""

BLOCK = re.compile(r"^ *```(?P<language>\w*)\n(?P<text>.*?)^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(rf"(?:{'|'.join(map(re.escape, LISTED))})/[\w./*{{}},-]*")
DOTTED = re.compile(r"\b(?:harness|bmc|tests|benchmarks)(?:\.[a-zA-Z_]\w*)+")
SNAKE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
CAMEL = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+Error|[A-Z][a-z]+Error")

Told = Iterator[str]


def documents(tree: Tree) -> Iterator[tuple[str, str]]:
    """Every page of ours."""
    yield from ((path, text) for path, text in tree.items() if DOCUMENTS.fullmatch(path))


def wrong_command_lines(tree: Tree) -> Told:
    """Lines of `sh` blocks that could not be run: an unknown command, option, make target, module or program."""
    for path, text in documents(tree):
        for block in BLOCK.finditer(text):
            if block["language"] in {"sh", "bash"}:
                lines = block["text"].replace("\\\n", " ").splitlines()
                yield from (f"{path}: {line.strip()}: {why}" for line in lines for why in why_not_run(tree, line))


def why_not_run(tree: Tree, line: str) -> Told:
    """Why a command line could not be run."""
    words = shlex.split(line, comments=True)
    while words:
        end = next((place for place, word in enumerate(words) if word in {"&&", "||", "|", ";"}), len(words))
        command, words = words[:end], words[end + 1 :]
        while command and re.fullmatch(r"[A-Z_]+=.*", command[0]):
            command = command[1:]
        if command:
            yield from _why_not(tree, command)


def _why_not(tree: Tree, command: list[str]) -> Told:
    program, arguments = PurePosixPath(command[0]).name, command[1:]
    if program == "harness":
        yield from _refused(arguments)
    elif program == "make":
        yield from (f"make has no target {word}" for word in arguments if "=" not in word and word not in targets(tree))
    elif program.startswith("python") and arguments[:1] == ["-m"]:
        yield from _no_module(arguments[1])
    elif program.startswith("python") and arguments:
        yield from () if arguments[0] in tree else [f"there is no {arguments[0]}"]
    elif program not in PROGRAMS:
        yield f"there is no program {program}"


def _refused(arguments: list[str]) -> Told:
    try:
        parse(arguments)
    except UsageError as error:
        yield str(error).splitlines()[0]
    except SystemExit:
        # --help and --version end the program.
        return


def _no_module(name: str) -> Told:
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        found = None
    if found is None:
        yield f"there is no module {name}"


def wrong_code(tree: Tree) -> Told:
    """Python blocks that do not parse, or import what is not there."""
    for path, text in documents(tree):
        for block in BLOCK.finditer(text):
            if block["language"] == "python":
                yield from (f"{path}: {why}" for why in _not_imported(textwrap.dedent(block["text"])))


def _not_imported(code: str) -> Told:
    try:
        module = ast.parse(code)
    except SyntaxError as error:
        yield f"no Python: {error}"
        return
    for node in (node for node in module.body if isinstance(node, ast.ImportFrom) and node.module):
        missing = list(_no_module(node.module))
        yield from missing
        its = dir(importlib.import_module(node.module)) if not missing else [alias.name for alias in node.names]
        yield from (f"{node.module} has no {alias.name}" for alias in node.names if alias.name not in its)


def targets(tree: Tree) -> set[str]:
    """What make can make."""
    return {*re.findall(r"^([a-z][a-z-]*):", tree["Makefile"], re.MULTILINE), ".venv/.installed"}


def wrong_commands_in_text(tree: Tree) -> Told:
    """`harness …` and `make …` within a sentence, where command, options or target are unknown."""
    for path, text in documents(tree):
        for span in SPAN.findall(BLOCK.sub("", text)):
            words = span.replace("[", " ").replace("]", " ").split()
            if words[0] == "make" and len(words) == 2 and words[1] not in targets(tree):
                yield f"{path}: `{span}`: make has no target {words[1]}"
            elif PurePosixPath(words[0]).name == "harness" and len(words) > 1:
                yield from (f"{path}: `{span}`: {why}" for why in _unknown_options(words[1:]))


def options() -> dict[str, set[str]]:
    """Each command (`lab up` too) with its options."""
    found: dict[str, set[str]] = {}

    def walk(name: str, its: object) -> None:
        actions = its._actions  # type: ignore[attr-defined]
        found[name] = {option for action in actions for option in action.option_strings}
        for action in actions:
            if isinstance(action.choices, dict):
                for word, other in action.choices.items():
                    walk(f"{name} {word}".strip(), other)

    walk("", parser())
    return found


def _unknown_options(words: list[str]) -> Told:
    known = options()
    plain = [word for word in words if re.fullmatch(r"[a-z]+", word)]
    if words[0].startswith("-"):
        name = ""
    elif words[0] not in known:
        if re.fullmatch(r"[a-z]+", words[0]):
            yield f"there is no command {words[0]}"
        return
    else:
        name = " ".join(plain[:2]) if " ".join(plain[:2]) in known else words[0]
    for option in re.findall(r"(?<!\S)--?[a-z-]+", " ".join(words)):
        if option not in known[name]:
            yield f"harness {name} has no option {option}"


def undocumented_options(tree: Tree) -> Told:
    """Commands and options that the reference of commands does not name."""
    page = tree["docs/reference/commands.md"]
    for name, its in options().items():
        if name and f"harness {name}" not in page:
            yield f"docs/reference/commands.md does not name harness {name}"
        for option in its - {"-h", "--help"}:
            if option.startswith("--") and option not in page:
                yield f"docs/reference/commands.md does not name {option} of harness {name}"


def missing_files(tree: Tree) -> Told:
    """Files that a page links to, or names in code, and that are not there."""
    for path, text in documents(tree):
        spans = BLOCK.sub("", text)
        for link in LINK.findall(spans):
            yield from _dead_link(tree, path, link)
        for name in (name for span in SPAN.findall(spans) for name in _paths(span)):
            if not _is_there(tree, name):
                yield f"{path}: there is no {name}"


def _paths(span: str) -> list[str]:
    found = [PATH.search(word) for word in span.split() if "<" not in word and "…" not in word]
    return [it[0].rstrip(".,") for it in found if it and it.start() == 0]


def _is_there(tree: Tree, name: str) -> bool:
    first = re.search(r"\{([^}]*)\}", name)
    if first:
        return all(_is_there(tree, name[: first.start()] + one + name[first.end() :]) for one in first[1].split(","))
    name = name.rstrip("/")
    pattern = re.compile(re.escape(name).replace(r"\*", "[^/]*") + r"(/.*|\.py)?")
    return any(pattern.fullmatch(path) for path in tree) or name.startswith(("tests/recordings", "harness/processes/components"))


def _dead_link(tree: Tree, path: str, link: str) -> Told:
    target, _, anchor = link.partition("#")
    if target.startswith(("http://", "https://")):
        return
    parts: list[str] = []
    for part in (PurePosixPath(path).parent / target).parts if target else PurePosixPath(path).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    name = "/".join(parts)
    if not _is_there(tree, name):
        yield f"{path}: the link {link} leads nowhere"
    elif anchor and anchor not in _anchors(tree.get(name, "")):
        yield f"{path}: {name} has no heading #{anchor}"


def _anchors(text: str) -> set[str]:
    """The headings of a page, as they are linked to."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def unknown_names(tree: Tree) -> Told:
    """Names in code that nothing of ours bears: words, keys, modules, exceptions."""
    known = _known(tree)
    for path, text in documents(tree):
        for span in SPAN.findall(BLOCK.sub("", text)):
            for name in (*_whole(SNAKE, span), *_whole(CAMEL, span)):
                if name not in known:
                    yield f"{path}: nothing is called {name}"


def _whole(pattern: re.Pattern[str], span: str) -> list[str]:
    return [word for word in re.split(r"[\s(),:;=\[\]{}|./]+", span) if pattern.fullmatch(word)]


def _known(tree: Tree) -> set[str]:
    """Every name in code of ours, and the names of files."""
    found: set[str] = set()
    for path, text in tree.items():
        if not path.endswith(".md") and path not in PLANTS:
            found |= set(re.findall(r"\w+", text))
            found |= set(re.split(r"[./]", path))
    return found


def stale_paths_of_modules(tree: Tree) -> Told:
    """Dotted paths in texts (documents, docstrings, comments, messages) that lead to no module and no name of one.

    `bmc` is also what many a variable is called, so of its paths only those are asked that begin with a room of it.
    """
    rooms = {path.split("/")[1].removesuffix(".py") for path in tree if path.startswith("bmc/")}
    names = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in tree if path.endswith(".py")}
    for path, text in tree.items():
        if not path.endswith(".json") and path not in PLANTS:
            found = {it for it in DOTTED.findall(text) if not it.startswith("bmc.") or it.split(".")[1] in rooms}
            yield from (f"{path}: there is no {it}" for it in sorted(found) if not _leads(it, names, tree))


def _leads(dotted: str, names: set[str], tree: Tree) -> bool:
    if dotted.endswith((".invalid", "__")):
        # A domain that nobody has, a dunder.
        return True
    if (
        dotted in names
        or any(name.startswith(f"{dotted}.") for name in names)
        or dotted.replace(".", "/", dotted.count(".") - 1) in tree
    ):
        return True
    module, _, last = dotted.rpartition(".")
    while module and module not in names:
        module, _, last = module.rpartition(".")
    if "." not in module:
        return module in {"harness", "bmc", "tests", "benchmarks"} and last in {"yaml", "md", "html", "svg"}
    text = tree.get(f"{module.replace('.', '/')}.py", tree.get(f"{module.replace('.', '/')}/__init__.py", ""))
    return re.search(rf"\b{last}\b", text) is not None


Checker = Callable[[Tree], Told]
CHECKERS: dict[str, Checker] = {
    "a command line that cannot be run": wrong_command_lines,
    "an unknown command in a sentence": wrong_commands_in_text,
    "code that is none": wrong_code,
    "an option that is not documented": undocumented_options,
    "a file that is not there": missing_files,
    "a name that nothing bears": unknown_names,
    "a path to no module": stale_paths_of_modules,
}
