import random
import re
from pathlib import Path

import pytest

from harness.files.problems import MASK, PROBLEMS_MAX, BadFilesError, Problems, SourceFile, SourceLocation, excerpt, nearest
from harness.files.yaml_tree import FILE_BYTES_MAX, NESTING_MAX, Items, Scalar, Table, read_yaml

BAD = {
    "an empty file": (b"", 1, 1, "the file is empty"),
    "only comments": (b"# nothing\n\n", 1, 1, "the file is empty"),
    "a tab as indentation": (b"a:\n\tb: 1\n", 2, 1, "a tab stands where YAML wants spaces"),
    "a key twice": (b"a: 1\nb: 2\na: 3\n", 3, 1, '"a" appears twice; it is first in line 1'),
    "a key twice in a flow": (b"{a: 1, a: 2}", 1, 8, '"a" appears twice; it is first in line 1'),
    "a bracket left open": (b"a: [1, 2\nb: 3\n", 2, 2, "a `[` is not closed"),
    "a brace left open": (b"a: {b: 1\nc: 2\n", 2, 2, "a `{` is not closed"),
    "a quote left open": (b'a: "b\n', 2, 1, "the file ends inside a quoted text"),
    "indentation that does not fit": (b"a:\n  b: 1\n c: 2\n", 3, 2, "the indentation does not fit"),
    "a key without a colon": (b"a: 1\nb\nc: 2\n", 3, 1, "this key has no `:` after it"),
    "two keys in a line": (b"a: b: 1\n", 1, 5, "a `:` stands where no key can be"),
    "a character that begins nothing": (b"a: @b\n", 1, 4, "this character cannot begin a value"),
    "two documents": (b"a: 1\n---\nb: 2\n", 2, 1, "one document a file"),
    "an alias": (b"a: &x 1\nb: *x\n", 2, 4, "an alias is no plain value"),
    "an alias of itself": (b"a: &x [*x]\n", 1, 8, "an alias is no plain value"),
    "an alias of nothing": (b"a: *x\n", 1, 4, "an alias is no plain value"),
    "a tag": (b"a: !!python/object:os.system x\n", 1, 4, "tags like"),
    "a tag of nobody": (b"a: !e!x 1\n", 1, 4, "tags are not taken here"),
    "a list as a key": (b"? [a, b]\n: 1\n", 1, 3, "a key must be a word"),
    "an unknown escape": (b'a: "\\q"\n', 1, 6, "this escape is unknown"),
    "a control character": (b"a: 1\nb: \x07\n", 2, 4, "this is not text"),
    "a binary file": (b"\x7fELF\x02\x01\x01\x00\x80\xff", 1, 9, "this is not text in UTF-8"),
    "another encoding": ("a: käse".encode("latin-1"), 1, 5, "this is not text in UTF-8"),
    "nulls": (b"a: \x00\x00", 1, 4, "this is not text"),
    "huge nesting in brackets": (b"[" * 100_000, 1, NESTING_MAX + 1, "nested deeper than"),
    "huge nesting in braces": (b"{a: " * 5_000, 1, 4 * NESTING_MAX - 2, "nested deeper than"),
    "huge nesting by indentation": (
        b"\n".join(b" " * n + b"a:" for n in range(300)),
        NESTING_MAX,
        None,
        "nested deeper than",
    ),
}


@pytest.fixture
def write(tmp_path):
    def write(content, name="file.yaml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def problems_of(path):
    problems = Problems()
    read_yaml(path, problems)
    with pytest.raises(BadFilesError) as raised:
        problems.raise_if_any()
    return raised.value.problems


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_told_with_place_and_cause(case, write):
    content, line, column, cause = BAD[case]
    path = write(content)
    (problem,) = problems_of(path)
    place = (problem.place.line, problem.place.column if column else None)
    assert (place, cause in problem.cause) == ((line, column), True), str(problem)
    assert str(problem).startswith(f"{path}:{line}:")


def test_the_excerpt_shows_the_line_and_a_caret_below_the_column(write):
    (problem,) = problems_of(write("good: 1\ntwice: 2\n  \ntwice: 3\n"))
    assert str(problem).splitlines()[1:] == ["    4 | twice: 3", "      | ^^^^^"]


def test_the_excerpt_of_a_long_line_shows_the_part_around_the_column():
    place = SourceLocation(SourceFile("f", ("x" * 500 + "HERE" + "y" * 500,)), 1, 501, 4)
    shown, carets = excerpt(place).splitlines()
    assert len(shown) < 140
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "HERE"


def test_the_excerpt_shows_nothing_a_terminal_would_obey():
    assert "\x1b" not in excerpt(SourceLocation(SourceFile("f", ("a: \x1b[31mred\x07",)), 1, 4))


def test_a_missing_file_names_the_nearest_one_beside_it(write, tmp_path):
    write("a: 1", "pivot.yaml")
    (problem,) = problems_of(tmp_path / "pivt.yaml")
    assert str(problem).startswith(f"{tmp_path}/pivt.yaml:1:1: there is no such file; did you mean")
    assert "pivot.yaml" in problem.cause


def test_a_directory_and_a_name_with_a_null_are_told(tmp_path):
    assert "this is a directory; name a file in it" in problems_of(tmp_path)[0].cause
    assert "cannot be read" in problems_of(Path("a\0b"))[0].cause


def test_a_file_that_is_too_long_is_refused(write):
    assert "longer than 1 MiB" in problems_of(write(b"# " + b"x" * FILE_BYTES_MAX))[0].cause


def test_the_problems_of_all_files_come_in_one_pass_in_order_of_files_and_lines(write):
    first, second = write("b: 1\nc: 1\nc: 2\nb: 2\n", "first.yaml"), write("x: [", "second.yaml")
    problems = Problems()
    read_yaml(first, problems)
    read_yaml(second, problems)
    with pytest.raises(BadFilesError) as raised:
        problems.raise_if_any()
    places = [str(problem.place).removeprefix(str(first.parent)) for problem in raised.value.problems]
    assert places == ["/first.yaml:3:1", "/first.yaml:4:1", "/second.yaml:1:5"]


def test_more_problems_than_anybody_reads_are_counted(write):
    path = write("".join("a: 1\n" for _ in range(PROBLEMS_MAX + 8)))
    problems = Problems()
    read_yaml(path, problems)
    with pytest.raises(BadFilesError, match=r"\.\.\. and 7 more problems"):
        problems.raise_if_any()


def test_a_good_file_becomes_a_tree_with_places(write):
    tree = read_yaml(write("\ufeffa: off\nb:\n  - '1'\n  -\nc: {d: e}\n"), Problems())
    assert isinstance(tree, Table)
    assert list(tree.values) == ["a", "b", "c"]
    first, second = tree.values["b"].values
    assert isinstance(tree.values["b"], Items)
    assert (first.text, first.plain, first.place.line, first.place.column) == ("1", False, 3, 5)
    assert isinstance(second, Scalar)
    assert second.is_null
    assert tree.values["a"].text == "off"
    assert tree.keys["a"].column == 1
    assert excerpt(tree.keys["a"]).startswith("    1 | a: off")
    assert tree.values["c"].keys["d"].column == 5


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts_lines_alike(newline, write):
    (problem,) = problems_of(write(newline.join(["a: 1", "b: 2", "a: 3"])))
    assert (problem.place.line, problem.place.column) == (3, 1)
    assert "| a: 3" in str(problem)


@pytest.mark.parametrize(
    ("word", "meant"), [("clsters", "clusters"), ("MOVE", "move"), ("stopbmo", "stop_bmo"), ("zzz", ""), ("", "")]
)
def test_the_nearest_known_word_is_found(word, meant):
    assert nearest(word, ["clusters", "move", "stop_bmo", "start_bmo"]) == meant


SECRETS = {
    "inline": "credentials: admin:hunter2",
    "in a flow": "target: {url: x, credentials: admin:hunter2, ca: y}",
    "quoted": 'credentials: "admin:hunter2"',
    "a quoted key": '"password": hunter2',
    "a table": "credentials: {username: admin, password: hunter2}",
    "a misspelt key": "credentails: admin:hunter2",
    "an upper-case key": "PASSWORD: hunter2",
    "in an address": "bmc: redfish://admin:hunter2@10.0.0.1/x",
    "a token": "token:   hunter2",
}


@pytest.mark.parametrize("case", SECRETS)
def test_no_excerpt_shows_a_secret_written_inline(case):
    source = SourceFile("f", (SECRETS[case],))
    shown = "".join(excerpt(SourceLocation(source, 1, column)) for column in range(1, 60))
    assert "hunter2" not in shown
    assert MASK in shown


def test_no_excerpt_shows_a_secret_on_the_lines_below_its_key():
    lines = ("host:", "  credentials: |", "    admin", "", "    hunter2", "  tls: visible")
    source = SourceFile("f", lines)
    shown = "".join(excerpt(SourceLocation(source, number)) for number in range(1, 7))
    assert "hunter2" not in shown
    assert "tls: visible" in shown


def test_no_excerpt_shows_a_secret_that_stands_alone_below_its_key():
    source = SourceFile("f", ("credentials:", "  admin:hunter2", "tls: visible"))
    shown = "".join(excerpt(SourceLocation(source, number)) for number in range(1, 4))
    assert "hunter2" not in shown
    assert "tls: visible" in shown


def test_references_are_shown_for_they_are_no_secrets():
    for line in ("credentials: env:IRONIC_AUTH", 'x: {credentials: "file:node.secret", ca: y}'):
        assert line in excerpt(SourceLocation(SourceFile("f", (line,)), 1, 1))


def test_mutated_files_never_end_in_anything_but_problems(write):
    good = b"clusters:\n  source: {kubeconfig: 'a', namespace: \"b\"}\nsteps:\n  - move: {a: [1, 2]}\n    within: 10m\n# c\n"
    dice = random.Random(7)
    for _ in range(300):
        data = bytearray(good)
        for _ in range(dice.randint(1, 6)):
            position = dice.randrange(len(data))
            data[position : position + dice.randint(0, 3)] = bytes(
                dice.choices(b"\t\n\r :-{}[]'\"&*!|>%@`#,?\x00\xc3\xa9a", k=dice.randint(0, 3))
            )
        assert_told(write(bytes(data)))


def assert_told(path):
    problems = Problems()
    if read_yaml(path, problems) is not None and not len(problems):
        return
    with pytest.raises(BadFilesError) as raised:
        problems.raise_if_any()
    assert all(re.match(r".*file\.yaml:\d+:\d+: \S", str(problem)) for problem in raised.value.problems), str(raised.value)
