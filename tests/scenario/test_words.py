from pathlib import Path

import pytest
import yaml

from harness.cli.commands.words import shown
from harness.errors import BadWordError, UsageError
from harness.files.binding import phrase
from harness.files.problems import Problems
from harness.files.words import ROLES, WordFiles
from harness.files.yaml_tree import read_yaml
from harness.scenario.grammar import read_scenario
from harness.scenario.word_list import describe, example, table
from harness.scenario.words import Words

HERE = Path(__file__).parent


def everything(words):
    good, wrong = words.everything()
    assert wrong == []
    return good


@pytest.fixture
def words():
    return Words(WordFiles([HERE / "sample_words"], sources=[]))


def test_the_file_name_is_the_word(words):
    assert words.names("fault") == ["bmc_fault", "bmc_silent", "cut_off", "status_lost", "third_party_reset", "watch_cut"]
    assert [word.name for word in everything(words)] == [*words.names("step"), *words.names("fault"), *words.names("check")]


def test_a_word_has_its_promise_and_its_arguments_from_its_module(words):
    word = words.find("step", "reset")
    assert word.promise == "A host's BMC was asked for a reset."
    assert "does not wait" in word.text
    assert [(it.name, phrase(it.kind), it.required) for it in word.arguments] == [
        ("host", "the name of a host", False),
        ("type", "ForceRestart or ForceOff", False),
        ("times", "a whole number", False),
        ("factor", "a number", False),
        ("wait", "true or false", False),
        ("media", "a list, each a text", False),
    ]
    assert word.defaults["times"] == 1


def test_a_python_keyword_is_written_without_its_underscore(words):
    (sender, host) = words.find("fault", "cut_off").arguments
    assert (sender.name, sender.key, sender.required) == ("from", "from_", True)
    assert host.name == host.key == "host"


def test_a_word_of_nobody_is_no_word(words):
    with pytest.raises(KeyError):
        words.find("step", "status_lost")


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("breaks", "3: it crashed: RuntimeError: broken on purpose"),
        ("empty", "1: this step has no function `step`; write `async def step(bench, *, ...)`"),
        ("silent", "1: there is no docstring; its first line is the word's promise"),
        ("waits", "4: `step` must be `async def step(bench, *, ...)`"),
        ("positional", "4: `host` must stand behind a `*`"),
        ("untyped", "4: `host` has no type; write one that YAML can give, like `host: str`"),
        ("unbindable", "4: `host` needs a type that YAML can give, not object"),
        ("unresolved", "4: an annotation cannot be resolved: there is no name `Nowhere`"),
        ("misspelt", "3: there is no `Durations` in harness.files.durations to import"),
        ("needs", "3: there is no module `nobody_has_this` to import"),
        ("exits", "5: it crashed: SystemExit: no"),
        ("alone", "4: `step` must be `async def step(bench, *, ...)`"),
    ],
)
def test_a_module_that_is_no_proper_word_says_where_and_what_it_lacks(name, cause):
    with pytest.raises(BadWordError) as raised:
        Words(WordFiles([HERE / "bad_words"], sources=[])).find("step", name)
    assert str(raised.value) == f"{HERE}/bad_words/steps/{name}.py:{cause}"


def test_a_file_that_is_not_python_is_told_where(tmp_path):
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "torn.py").write_text('"""Is torn."""\n\n\nasync def step(bench\n')
    with pytest.raises(BadWordError) as raised:
        WordFiles([tmp_path]).find("step", "torn")
    assert str(raised.value) == f"{tmp_path}/steps/torn.py:4: this is not Python: '(' was never closed"


def test_broken_words_do_not_hide_the_others():
    good, wrong = Words(WordFiles([HERE / "sample_words", HERE / "bad_words"], sources=[])).everything()
    assert [word.name for word in good] == [
        word.name for word in everything(Words(WordFiles([HERE / "sample_words"], sources=[])))
    ]
    assert len(wrong) == len(list((HERE / "bad_words" / "steps").glob("*.py")))


def test_the_table_has_every_word_with_its_promise(words):
    shown_table = table(everything(words))
    assert f"  stop_bmo cluster   ({HERE / 'sample_words'})\n      Stop bmo of one cluster.\n" in shown_table
    assert "  cut_off from [host]   (" in shown_table
    assert [line for line in shown_table.splitlines() if line and not line.startswith(" ")] == [
        "steps: what is done",
        "faults: what is suffered, under:",
        "checks: what must hold, expect:",
    ]


def test_one_word_is_described_with_types_defaults_and_an_example(words):
    text = describe(words.find("fault", "watch_cut"))
    assert "  cluster: source or target (default: target)\n" in text
    assert "  for: a duration like 5s or 10m (default: 5s)\n" in text
    assert "  when: a text\n" in text
    assert "  - under: {watch_cut: {cluster: target}}\n" in text
    assert "  from: source or target (must be given)\n" in describe(words.find("fault", "cut_off"))


def test_every_example_is_a_good_scenario(words, tmp_path):
    for word in everything(words):
        text = example(word)
        path = tmp_path / f"{word.role}_{word.name}.yaml"
        path.write_text(text if text.startswith("steps:") else f"{text}\nsteps: [move]\n")
        problems = Problems()
        read_scenario(path, problems, words=words)
        problems.raise_if_any()
        assert word.name in yaml.dump(yaml.safe_load(path.read_text()))


def test_an_unknown_word_is_answered_with_the_nearest(words):
    with pytest.raises(UsageError, match=r'there is no word "setle"; did you mean "settle"\?'):
        shown(words, "setle")
    assert shown(words, "settle").startswith("step settle\n")


@pytest.mark.parametrize("role", ROLES)
def test_every_word_of_the_harness_keeps_the_contract(role, tmp_path):
    words = Words()
    for name in words.names(role):
        word = words.find(role, name)
        assert word.promise.endswith("."), f"{name}: its promise is no sentence: {word.promise}"
        path = tmp_path / f"{name}.yaml"
        path.write_text(example(word))
        problems = Problems()
        read_yaml(path, problems)
        problems.raise_if_any()
