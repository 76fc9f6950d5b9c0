import importlib.util
import random
import re
from pathlib import Path

import pytest

from harness.files.durations import format_duration, parse_duration
from harness.files.problems import BadFilesError, Problems
from harness.files.words import WordFiles
from harness.journal.facts import Expectation
from harness.scenario.grammar import load_scenario, read_scenario
from harness.scenario.model import Block, Scenario, Step, Together, Under
from harness.scenario.words import Words

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PROMISE = ("nothing_reset", "one_owner")
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
OWN_WORDS = (
    "ci_feature_test", "ci_feature_test_upgrade", "ci_integration", "empty_to_empty", "move_killed", "move_tried_again",
    "pivot_and_back", "pivot_back_older_source", "pivot_bmo_left", "pivot_labels_missing", "pivot_own_promises", "provision",
    "provision_and_pivot",
)  # words of its own  # fmt: skip

STORY = """\
scenario: a story
says: everything the grammar has
steps:
  - preflight
  - reset: {host: node-1, type: ForceOff, times: 2, factor: .5, wait: true, media: [cd, usb]}
    within: 90s
  - stop_bmo: source
  - together:
      - move: {origin: target, destination: source}
        expect: [nothing_reset]
      - - settle: {for: 500ms}
        - under: watch_cut
          steps:
            - settle: 1h30m
          within: 10m
      - settle
    within: 20m
    expect:
      - nothing_reset: {host: node-1}
      - adopted_within: 5m
  - under: {cut_off: {from: target}}
    steps: [move]
expect:
  - one_owner
"""

BAD = {
    "the wrong root": ("- move\n", 1, 1, "a scenario is a table with `steps:`"),
    "no steps": ("says: nothing\n", 1, 1, "`steps:` is missing"),
    "steps that are a word": ("steps: move\n", 1, 8, "must be a list of steps"),
    "steps that are none": ("steps: []\n", 1, 8, "must be a list of steps"),
    "an empty item": ("steps:\n  - move\n  -\n", 3, 4, "a step is missing here"),
    "an unknown key": ("stpes: [move]\n", 1, 1, 'did you mean "steps"?'),
    "a name that is a list": ("scenario: [a]\nsteps: [move]\n", 1, 11, "this must be a text, and a list stands here"),
    "an unknown step": ("steps:\n  - stop_bno: source\n", 2, 5, 'there is no step "stop_bno"; did you mean "stop_bmo"?'),
    "an unknown bare step": ("steps: [moove]\n", 1, 9, 'there is no step "moove"; did you mean "move"?'),
    "a step like nothing": ("steps: [xyzzy]\n", 1, 9, "known: move, preflight, reset, settle, start_bmo"),
    "a step with the case of another": ("steps: [Move]\n", 1, 9, 'did you mean "move"?'),
    "a fault as a step": ("steps: [status_lost]\n", 1, 9, '"status_lost" is a fault; write `- under: status_lost`'),
    "a fault as a step with a limit": ("steps:\n  - status_lost:\n    within: 1m\n", 2, 5, '"status_lost" is a fault; write'),
    "a check as a step": ("steps: [one_owner]\n", 1, 9, '"one_owner" is a check; write it in the list `expect:`'),
    "a step as a fault": ("steps:\n  - under: move\n    steps: [move]\n", 2, 12, '"move" is a step; write `- move` in a list of steps'),
    "a check as a fault": ("steps:\n  - under: one_owner\n    steps: [move]\n", 2, 12, '"one_owner" is a check'),
    "a step as a check": ("steps: [move]\nexpect: [settle]\n", 2, 10, '"settle" is a step'),
    "an unknown fault": ("steps:\n  - under: {cut_of: {}}\n    steps: [move]\n", 2, 13, 'did you mean "cut_off"?'),
    "two faults": ("steps:\n  - under: {bmc_silent: , status_lost: }\n    steps: [move]\n", 2, 12, "one fault is wanted here"),
    "no fault": ("steps:\n  - under:\n    steps: [move]\n", 2, 11, "a fault is missing here"),
    "a fault around nothing": ("steps:\n  - under: bmc_silent\n", 2, 5, "`steps:` is missing"),
    "together with nothing": ("steps:\n  - together:\n", 2, 14, "must be a list of steps"),
    "a misspelt together": ("steps:\n  - togehter: [move]\n", 2, 5, 'did you mean "together"?'),
    "a misspelt limit": ("steps:\n  - move:\n    witin: 10m\n", 3, 5, 'did you mean "within"?'),
    "two words in an item": ("steps:\n  - move:\n    settle:\n", 3, 5, "a second word in one item"),
    "arguments not deep enough": ("steps:\n  - move:\n    origin: source\n", 3, 5, "its arguments stand deeper than it"),
    "steps beside a step": ("steps:\n  - move:\n    steps: [settle]\n", 3, 5, '"steps" is no key beside `move:`'),
    "an item of limits alone": ("steps:\n  - within: 10m\n", 2, 5, "an item needs a word"),
    "an empty table": ("steps: [{}]\n", 1, 9, "an item needs a word"),
    "an unknown argument": ("steps:\n  - move: {orign: source}\n", 2, 12, 'is not a key of `move`; did you mean "origin"?'),
    "a missing argument": ("steps:\n  - stop_bmo\n", 2, 5, "`stop_bmo` needs `cluster`: source or target"),
    "a missing argument of a fault": ("steps:\n  - under: cut_off\n    steps: [move]\n", 2, 12, "`cut_off` needs `from`"),
    "an argument where none is": ("steps:\n  - preflight: now\n", 2, 16, "`preflight` takes no arguments"),
    "an unknown side": ("steps:\n  - stop_bmo: {cluster: sauce}\n", 2, 25, 'is not source or target; did you mean "source"?'),
    "a side that is a number": ("steps:\n  - stop_bmo: 5\n", 2, 15, '"5" is not source or target'),
    "a side that is nothing": ("steps:\n  - stop_bmo: {cluster: }\n", 2, 24, "and nothing stands here"),
    "a number that is a word": ("steps:\n  - reset: {times: twice}\n", 2, 20, '"twice" is not a whole number'),
    "a number that is a fraction": ("steps:\n  - reset: {times: 1.5}\n", 2, 20, '"1.5" is not a whole number'),
    "a decimal that is a word": ("steps:\n  - reset: {factor: .inf}\n", 2, 21, '".inf" is not a number'),
    "a truth that is a number": ("steps:\n  - reset: {wait: 1}\n", 2, 19, "is neither true nor false"),
    "a list that is a word": ("steps:\n  - reset: {media: cd}\n", 2, 20, "this must be a list, each a text"),
    "a list with a list": ("steps:\n  - reset: {media: [[cd]]}\n", 2, 21, "this must be a text, and a list stands here"),
    "a host that is a table": ("steps:\n  - reset: {host: {name: a}}\n", 2, 19, "this must be a text, and a table stands here"),
    "a host the lab has not": ("steps:\n  - reset: {host: node-11}\n", 2, 19, 'the lab has no host "node-11"; did you mean "node-1"?'),
    "arguments that are a list": ("steps:\n  - move: [source, target]\n", 2, 11, "must be source or target, and a list stands here"),
    "a limit without a unit": ("steps:\n  - move:\n    within: 10\n", 3, 13, "a duration needs a unit; write 10s or 10m"),
    "a limit of nothing": ("steps:\n  - move:\n    within: 0s\n", 3, 13, "a limit must be longer than nothing"),
    "a limit in days": ("steps:\n  - move:\n    within: 2d\n", 3, 13, "a duration is like 500ms, 5s, 10m or 1h30m"),
    "a negative duration": ("steps:\n  - settle: -5s\n", 2, 13, "a duration is like"),
    "a duration out of order": ("steps:\n  - settle: 5s10m\n", 2, 13, "a duration is like"),
    "a duration that is nothing": ("steps:\n  - settle: ''\n", 2, 13, "a duration is like"),
    "an unknown check": ("steps: [move]\nexpect: [nothing_rset]\n", 2, 10, 'did you mean "nothing_reset"?'),
    "a check that needs an argument": ("steps: [move]\nexpect: [adopted_within]\n", 2, 10, "`adopted_within` needs `limit`: a duration"),
    "an expectation that is a word": ("steps: [move]\nexpect: one_owner\n", 2, 9, "`expect:` is a list of checks"),
    "an expectation of two checks": ("steps: [move]\nexpect: [{one_owner: , nothing_reset: }]\n", 2, 10, "one check is wanted here"),
    "an empty expectation": ("steps: [move]\nexpect: [{}]\n", 2, 10, "one check is wanted here"),
    "an alias": ("steps: [&a move, *a]\n", 1, 18, "an alias is no plain value"),
    "a template": ("steps: [{{ word }}]\n", 1, 10, "a key must be a word"),
    "a condition": ("steps:\n  - if: lucky\n    then: [move]\n", 2, 5, 'there is no step "if"'),
}  # fmt: skip


@pytest.fixture
def words():
    return Words(WordFiles([HERE / "sample_words"], sources=[]))


@pytest.fixture
def load(tmp_path, words):
    def load(text, name="story.yaml", hosts=("node-0", "node-1", "node-2")):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        problems = Problems()
        scenario = read_scenario(path, problems, words=words, hosts=hosts)
        problems.raise_if_any()
        return scenario

    return load


def refusal(load, text):
    with pytest.raises(BadFilesError) as raised:
        load(text)
    return raised.value


def walk(nodes):
    for node in nodes:
        yield node
        yield from walk(getattr(node, "nodes", ()))


def test_a_scenario_becomes_a_tree(load):
    scenario = load(STORY)
    assert (scenario.name, scenario.says) == ("a story", "everything the grammar has")
    shape = [(type(node).__name__, node.path, node.within_seconds) for node in walk(scenario.steps)]
    assert shape == [
        ("Step", "1", None),
        ("Step", "2", 90.0),
        ("Step", "3", None),
        ("Together", "4", 1200.0),
        ("Step", "4.1", None),
        ("Block", "4.2", None),
        ("Step", "4.2.1", None),
        ("Under", "4.2.2", 600.0),
        ("Step", "4.2.2.1", None),
        ("Step", "4.3", None),
        ("Under", "5", None),
        ("Step", "5.1", None),
    ]


def test_arguments_are_bound_to_the_types_of_the_words_signature(load):
    by_path = {node.path: node for node in walk(load(STORY).steps)}
    assert by_path["1"].call.arguments == {}
    assert by_path["2"].call.arguments == {
        "host": "node-1", "type": "ForceOff", "times": 2, "factor": 0.5, "wait": True, "media": ["cd", "usb"],
    }  # fmt: skip
    assert by_path["3"].call.arguments == {"cluster": "source"}
    assert by_path["4.2.1"].call.arguments == {"for_": 0.5}
    assert by_path["4.2.2.1"].call.arguments == {"for_": 5400.0}
    assert by_path["5"].fault.arguments == {"from_": "target"}
    assert by_path["5"].fault.as_written == {"from": "target"}


def test_a_node_knows_where_it_stands_in_the_file(load):
    by_path = {node.path: node for node in walk(load(STORY).steps)}
    places = {path: node.place.partition("story.yaml")[2] for path, node in by_path.items()}
    assert (places["1"], places["2"], places["4.2"], places["4.2.2.1"]) == (":4:5", ":5:5", ":11:9", ":14:15")


def test_expectations_carry_the_block_they_are_held_over(load):
    assert load(STORY).expectations == (
        Expectation(check="nothing_reset", arguments={"host": "node-1"}, block="4"),
        Expectation(check="adopted_within", arguments={"limit": 300.0}, block="4"),
        Expectation(check="nothing_reset", block="4.1"),
        Expectation(check="one_owner"),
    )


def test_without_expectations_the_whole_promise_is_expected(load):
    assert [it.check for it in load("steps: [move]").expectations] == list(PROMISE)


def test_the_name_of_a_scenario_is_its_files_unless_it_says_so(load):
    assert load("steps: [move]", "over_there.yaml").name == "over_there"


def test_a_words_text_may_look_like_yaml_of_another_type(load):
    (step,) = load("steps: [{reset: {host: off}}]", hosts=()).steps
    assert step.call.arguments == {"host": "off"}


def test_the_tree_is_frozen(load):
    scenario = load("steps: [move]")
    with pytest.raises(AttributeError):
        scenario.steps[0].path = "2"


@pytest.mark.parametrize("case", BAD)
def test_a_bad_scenario_is_told_with_place_cause_and_nearest_word(case, load):
    text, line, column, cause = BAD[case]
    error = refusal(load, text)
    places = [(it.place.line, it.place.column) for it in error.problems if cause in it.cause]
    assert places == [(line, column)], str(error)
    assert re.search(r"^ +\d+ \| .*\n      \| +\^", str(error), re.MULTILINE) or "\n      | ^" in str(error)


def test_all_mistakes_are_told_at_once(load):
    text = "steps:\n  - moov\n  - together:\n      - stop_bmo: here\n        within: 5\n  - reset: {tmes: 1, times: x}\nexpect: [x]\n"
    places = [(it.place.line, it.place.column) for it in refusal(load, text).problems]
    assert places == [(2, 5), (4, 19), (5, 17), (6, 13), (6, 29), (7, 10)]


def test_a_word_that_is_broken_is_told_at_its_place(tmp_path):
    path = tmp_path / "story.yaml"
    path.write_text("steps: [breaks, waits]\nexpect: [one_owner]\n")
    with pytest.raises(BadFilesError) as raised:
        load_scenario(path, Words(WordFiles([HERE / "bad_words", HERE / "sample_words"], sources=[])))
    causes = [it.cause for it in raised.value.problems]
    assert causes == [
        f"{HERE}/bad_words/steps/breaks.py:3: it crashed: RuntimeError: broken on purpose",
        f"{HERE}/bad_words/steps/waits.py:4: `step` must be `async def step(bench, *, ...)`",
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_is_good_and_names_no_host(path, words):
    scenario = load_scenario(path, None if path.stem in OWN_WORDS else words)
    assert scenario.name == path.stem
    assert scenario.says
    calls = [
        node.call if isinstance(node, Step) else node.fault for node in walk(scenario.steps) if isinstance(node, Step | Under)
    ]
    assert all("host" not in call.arguments for call in calls)
    words_used = {call.word.name for call in calls}
    assert {"preflight", "move", "settle"} <= words_used or words_used == {"provision"}


def test_all_stories_are_shipped():
    expected = ["bmc_busy", "bmo_left", "bmc_silent", "labels_missing", "source_ironic_left", "status_lost", "target_cut_off"]
    expected += ["third_party_reset", "watch_cut", "own_promises", "back_older_source"]
    assert [path.stem for path in SHIPPED] == sorted(
        [
            *(
                "ci_feature_test",
                "ci_feature_test_upgrade",
                "ci_integration",
                "empty_to_empty",
                "move_killed",
                "move_tried_again",
                "pivot",
                "pivot_and_back",
                "provision",
                "provision_and_pivot",
            ),
            *(f"pivot_{it}" for it in expected),
        ]
    )


@pytest.mark.skipif(not importlib.util.find_spec("harness.steps.preflight"), reason="needs the harness's own steps")
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_speaks_the_harness_own_words(path):
    assert load_scenario(path).expectations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5),
        ("10m", 600),
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("1m500ms", 60.5),
        ("1.5s", 1.5),
        ("1h1m1s1ms", 3661.001),
        ("0s", 0),
    ],
)
def test_durations_are_read_and_written(text, seconds):
    assert parse_duration(text) == pytest.approx(seconds)
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "1.5", "s", "5 s", "5S", "-5s", "1s1m", "5d", "\u0665s", "1e3s", "9" * 400 + "s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="a duration"):
        parse_duration(text)


def test_mutated_scenarios_never_end_in_anything_but_a_scenario_or_problems(load):
    dice = random.Random(3)
    for _ in range(400):
        data = bytearray(STORY.encode())
        for _ in range(dice.randint(1, 4)):
            position = dice.randrange(len(data))
            data[position : position + dice.randint(0, 8)] = bytes(
                dice.choices(b"\t\n  :-{}[],'\"&*a0ms.\x00\xc3", k=dice.randint(0, 4))
            )
        try:
            assert isinstance(load(bytes(data)), Scenario)
        except BadFilesError as error:
            assert re.match(r".*story\.yaml:\d+:\d+: \S", str(error))  # noqa: PT017 (either outcome is right)


def test_the_kinds_of_nodes_are_all_there_are(load):
    assert {type(node) for node in walk(load(STORY).steps)} == {Step, Block, Together, Under}
