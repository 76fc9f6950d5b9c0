"""Promises of one's own in a scenario file: what they become, and every mistake at its place, before anything is switched on."""

import re

import pytest

from harness.cli.run_files import unwatched
from harness.files.problems import BadFilesError, Problems, SourceFile, SourceLocation, location_within
from harness.journal.facts import Expectation, OwnPromise
from harness.lab.file import load_lab
from harness.scenario.grammar import read_scenario
from harness.scenario.word_list import EXAMPLES, describe_form, promise_table
from tests.run_on_lab import ROOT

GOOD = """\
steps:
  - preflight
  - quiet: 5s
    promise: steady
    expect: [{never: 'fact.method == "POST"'}]
expect:
  - bmc_untouched
  - always: host.status.poweredOn && !(ironic.maintenance)
    says: it runs
  - at_most: 2
    of: has(object.metadata.deletionTimestamp)
    for: {kind: Machine.cluster.x-k8s.io}
  - eventually: host.status.provisioning.ID != before.status.provisioning.ID
    within: 10m
  - exclusive: [fact.client == "a", fact.client == "b"]
  - never: fact.fact == "MoverEnded" && fact.code != 0
  - stable: object.status.conditions
    for: {kind: Widget.infrastructure.cluster.x-k8s.io}
"""

THRICE = "host.metadata.finalizers.all(a, host.metadata.finalizers.all(b, host.metadata.finalizers.all(c, a == b)))"
BAD = {
    "a misspelt variable": ("never: hots.spec.online", 10, 'there is no variable "hots" here; did you mean "host"?'),
    "a misspelt member": ("never: host.status.powerdOn", 22, 'has no "powerdOn"; did you mean "poweredOn"?'),
    "a misspelt metadata": ("never: host.metdata.name == 'a'", 15, 'did you mean "metadata"?'),
    "an unfinished condition": ("never: host.spec.online &&", 29, "the condition ends too early: a value is missing here"),
    "an unclosed bracket": ("never: (host.spec.online", 27, "`)` is missing here"),
    "an unclosed text": ("never: host.kind == 'a", 23, "this text is not closed"),
    "two conditions in a row": ("never: host.spec.online host.spec.online", 27, "nothing is expected after a whole condition"),
    "a character of no meaning": ("never: host.spec.online @ 1", 27, "`@` means nothing here"),
    "a text that is no condition": ("always: host.status.provisioning.state", 11, "a condition is true or false, and this is a text"),
    "a truth compared with a text": ("never: host.spec.online == 'yes'", 10, "true or false is compared with a text"),
    "a text compared with a number": ("never: host.status.provisioning.state > 5", 10, "`>` compares a text with a whole number"),
    "a sum of unlike things": ("never: host.status.errorCount + 'a' == 2", 10, "`+` is asked of a whole number and a text"),
    "a text among conditions": ("never: host.spec.online || host.kind", 35, "stands between what is true or false, and this is a text"),
    "a member of a text": ("never: host.kind.name == 'a'", 20, "`.name` is asked of a text, which has no members"),
    "an unknown function": ("never: sise(host.kind) > 2", 10, 'there is no function "sise"; did you mean "size"?'),
    "an unknown method": ("never: host.kind.startWith('a')", 20, 'did you mean "startsWith"?'),
    "too many arguments": ("never: size(host.kind, 1) > 2", 10, "`size` takes 1 argument"),
    "a macro of a text": ("never: host.kind.all(a, a == 'b')", 15, "`all` goes through a list, and this is a text"),
    "a macro without a name": ("never: host.metadata.finalizers.all(a)", 35, "`all` is written `all(item, condition of item)`"),
    "a pattern that is none": ("never: host.kind.matches('[a')", 28, "`matches` cannot take this"),
    "has of no member": ("never: has(host)", 10, "`has` asks for a member"),
    "a constant": ("always: 1 == 1", 11, "this condition reads nothing of what was seen"),
    "an endless condition": (f"always: {THRICE}", 100, "(MACROS_NESTED_MAX)"),
    "a condition of too many words": (f"always: host.kind in [{', '.join('1' * 250)}]", 617, "more than 400 words and signs (TOKENS_MAX)"),
    "a condition that is too long": (f"always: host.kind == '{'a' * 2000}'", 2011, "more than 2000 characters (CHARACTERS_MAX)"),
    "brackets without end": (f"always: {'(' * 60}host.spec.online{')' * 60}", 51, "nested deeper than 40 levels (DEPTH_MAX)"),
    "nothing": ("never:", 9, "`never:` wants a condition, and nothing stands here"),
    "a list": ("never: [host.spec.online]", 10, "`never:` wants a condition, and a list stands here"),
    "one condition that excludes none": ("exclusive: [host.spec.online]", 14, "`exclusive:` is a list of two conditions or more"),
    "eventually without a limit": ("eventually: host.spec.online", 3, "`eventually:` needs `within:` beside it"),
    "a negative number": ("at_most: -1\n  of: host.spec.online", 12, "nothing is true less often than never"),
    "at most of nothing": ("at_most: 1", 3, "`at_most:` needs `of:` beside it"),
    "an unknown fact": ("never: fact.fact == 'BmcReqest'", 23, 'there is no fact "BmcReqest"; did you mean "BmcRequest"?'),
    "members of no fact": ("never: fact.method == 'a' && fact.uuid == 'b'", 10, "no fact has all that is read here (`method`, `uuid`)"),
    "a misspelt member of an object": (
        "never: object.spec.pausd\n  for: {kind: Cluster}", 22, 'a Cluster has no "pausd"; did you mean "paused"?'),
    "a member that an object has not": ("never: object.status == 1\n  for: {kind: IPAddress}", 17, 'an IPAddress has no "status"'),
    "an object without a kind": ("never: object.spec.paused", 10, "there is no `object` in a promise `for: hosts`"),
    "a member that Ironic is not asked for": ("never: ironic.driver == 'a'", 17, 'has no "driver"'),
    "a misspelt form": ("nevr: host.spec.online", 3, 'there is no check "nevr"'),
}  # fmt: skip
BESIDE = {
    "a misspelt key": ("witin: 5m", 3, '"witin" is no key beside `never:`'),
    "a second form": ("always: host.spec.online", 3, "a promise has one form, and `never` is one already"),
    "an unknown scope": ("for: hostss", 8, '`for:` is hosts, run or {kind: KIND}, and not "hostss"; did you mean "hosts"?'),
    "a kind without its key": ("for: Machine", 8, "write `for: {kind: Machine}`"),
    "a kind that nobody watches": ("for: {kind: Machin}", 15, 'nobody watches objects of kind "Machin"; did you mean "Machine"?'),
    "a kind of Kubernetes' own": ("for: {kind: Ingress.networking.k8s.io}", 15, "nobody watches objects of kind"),
    "a misspelt kind": ("for: {knd: Machine}", 9, '"knd" is no key of `for:`; did you mean "kind"?'),
    "a host in the run": ("for: run", None, "there is no `host` in a promise `for: run`; it is known `for: hosts`"),
    "says that says nothing": ("says: ' '", 9, "`says:` says nothing"),
    "says a check": ("says: bmc_untouched", 9, '"bmc_untouched" is a check already'),
}


@pytest.fixture
def load(tmp_path):
    def load(text, unwatched=()):
        path = tmp_path / "story.yaml"
        path.write_text(text)
        problems = Problems()
        scenario = read_scenario(path, problems, unwatched=unwatched)
        problems.raise_if_any()
        return scenario

    return load


def refusal(load, promise, **more):
    with pytest.raises(BadFilesError) as raised:
        load(f"steps: [preflight]\nexpect:\n- {promise}\n", **more)
    return raised.value


def test_promises_become_expectations_with_a_name(load):
    own = {item.check: item for item in load(GOOD).expectations if item.own}
    assert list(own) == [
        'never: fact.method == "POST"',
        "it runs",
        "at_most 2 of: has(object.metadata.deletionTimestamp) (Machine)",
        "eventually: host.status.provisioning.ID != before.status.provisioning.ID",
        'exclusive: fact.client == "a" | fact.client == "b"',
        'never: fact.fact == "MoverEnded" && fact.code != 0 (run)',
        "stable: object.status.conditions (Widget.infrastructure.cluster.x-k8s.io)",
    ]
    stage = own['never: fact.method == "POST"']
    assert (stage.block, stage.steady) == ("2", True)
    assert own["it runs"] == Expectation(
        check="it runs", own=OwnPromise(form="always", conditions=["host.status.poweredOn && !(ironic.maintenance)"])
    )
    limited = own["eventually: host.status.provisioning.ID != before.status.provisioning.ID"].own
    assert (limited.within, limited.over) == (600.0, "hosts")
    counted = own["at_most 2 of: has(object.metadata.deletionTimestamp) (Machine)"].own
    assert (counted.count, counted.over, counted.kind) == (2, "kind", "Machine")


@pytest.mark.parametrize("case", BAD)
def test_a_bad_condition_is_told_at_its_place(load, case):
    promise, column, cause = BAD[case]
    told = refusal(load, promise).problems
    assert [(it.place.line, it.place.column) for it in told if cause in it.cause] == [(3, column)] or (
        not column and any(cause in it.cause for it in told)
    ), [str(it) for it in told]


@pytest.mark.parametrize("case", BESIDE)
def test_what_stands_beside_is_told_at_its_place(load, case):
    beside, column, cause = BESIDE[case]
    told = refusal(load, f"never: host.spec.online\n  {beside}").problems
    places = [(it.place.line, it.place.column) for it in told if cause in it.cause]
    assert places == [(4, column) if column else (3, 10)], [str(it) for it in told]


def test_all_mistakes_are_told_at_once(load):
    text = "never: hots.spec.online || nod.spec.x || host.kind > 5\n- stable: host.spec.onlin\n- always: host.kind"
    assert [(it.place.line, it.place.column) for it in refusal(load, text).problems] == [
        (3, 10),
        (3, 30),
        (3, 44),
        (4, 21),
        (5, 11),
    ]


def test_two_promises_of_one_name_are_told(load):
    error = refusal(load, "never: host.spec.online\n- never: host.spec.online")
    assert "is promised twice, first in line 3; tell them apart by `says:`" in str(error)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("never: 'host.kind == ''a'' && hots.x'", 3, 33),
        ('never: "host.kind == \\"a\\" && hots.x"', 3, 33),
        ("never: >-\n    host.kind == 'a'\n    && hots.x", 5, 8),
        ("never: |\n    host.kind == 'a' &&\n      hots.x", 5, 7),
        ("never: host.kind == 'a'\n    && hots.x", 4, 8),
    ],
)
def test_a_place_is_found_in_every_way_to_write_a_text(load, text, line, column):
    (told,) = refusal(load, text).problems
    assert (told.place.line, told.place.column, told.place.width) == (line, column, 4)


def test_a_place_of_a_text_that_is_not_in_its_file_is_the_whole_text():
    place = SourceLocation(SourceFile("a.yaml", ("never: x",)), 1, 8)
    assert location_within(place, "other", 2, 1) == place
    assert location_within(SourceLocation(SourceFile("a.yaml")), "other", 2, 1).line == 1


def test_a_promise_that_only_facts_of_no_host_can_keep_is_of_the_run(load):
    scopes = {
        'fact.fact == "MoverEnded"': "run",
        'fact.method == "POST"': "hosts",
        "fact.at > 1.0": "run",
        'fact.fact in ["BmcRead", "BmcRequest"]': "hosts",
    }
    for condition, over in scopes.items():
        (expected,) = [it for it in load(f"steps: [preflight]\nexpect: [{{never: '{condition}'}}]").expectations if it.own]
        assert expected.own.over == over, condition
    told = refusal(load, "never: fact.fact == 'MoverEnded'\n  for: hosts")
    assert "this asks MoverEnded, and of single hosts tell only BmcRead" in str(told)


def test_what_a_lab_does_not_watch_is_told(load, tmp_path):
    (tmp_path / "lab.yaml").write_text("clusters: {source: {kubeconfig: a}, target: {kubeconfig: b}}\nhosts: {}\n")
    for name in "ab":
        (tmp_path / name).write_text("")
    blind = unwatched(load_lab(tmp_path / "lab.yaml"))
    assert blind == {"ironic", "audit"}
    assert "this lab does not name the Ironics of both clusters" in str(
        refusal(load, "never: ironic.maintenance", unwatched=blind)
    )
    assert unwatched(load_lab(ROOT / "lab.yaml")) == {"audit"}
    assert "nobody watches ApiWrite in this lab: it has no audit logs" in str(
        refusal(load, 'never: fact.user == "a"', unwatched=blind)
    )
    told = refusal(load, 'never: fact.cluster == "source"', unwatched=blind)
    assert "; say which facts you mean by `fact.fact == …`" in str(told)
    assert "; say which facts you mean" in str(refusal(load, "never: fact.at > 5.0", unwatched=blind))
    ours = "steps: [preflight]\nexpect: [{never: fact.cluster == 'source', for: {kind: Machine}}]"
    assert load(ours, unwatched=blind).expectations
    assert load("steps: [preflight]\nexpect: [{never: ironic.maintenance}]").expectations


def test_what_is_not_in_the_journal_of_an_object_cannot_be_read(load):
    assert 'has no "data"' in str(refusal(load, "never: object.data.a == 'b'\n  for: {kind: Secret}"))
    assert 'has no "spec"' in str(refusal(load, "never: object.spec.a == 'b'\n  for: {kind: Foo.metal3.io}"))


@pytest.mark.parametrize("form", EXAMPLES)
def test_every_form_is_shown_with_an_example_that_holds(load, form):
    assert f"  {form}" in promise_table()
    assert re.search(r"for: hosts +host, before, node, ironic, fact", describe_form(form))
    (expected,) = [it for it in load(f"steps: [preflight]\n{EXAMPLES[form]}\n").expectations if it.own]
    assert expected.own.form == form
