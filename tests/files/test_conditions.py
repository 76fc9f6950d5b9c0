"""Conditions: what the grammar takes the library takes, no text crashes either, types and cost are told beforehand."""

import random
import time

import pytest

from harness.errors import ConditionError
from harness.files.conditions.checker import check
from harness.files.conditions.cost import STEPS_MAX, largest_in, refuse_endless, steps
from harness.files.conditions.expression import CONDITION_STEPS_MAX, Expression, is_there, pruned
from harness.files.conditions.library import evaluate
from harness.files.conditions.syntax import read, walk
from harness.files.conditions.types import ANY, BOOL, DOUBLE, INT, MAP, TEXT, ListOf, Struct

HOST = {
    "spec": {"online": True, "n": 3, "f": 2.5, "tags": ["a", "b"], "names": {"x": "y"}, "none": None},
    "kind": "Host",
    "namespace": "metal3",
    "a-b": 1,
}
GOOD = {
    "host.spec.online": True,
    "!host.spec.online || host.spec.n > 2": True,
    "host.spec.n == 3 && host.spec.f > 2": True,
    "host.spec.tags.all(t, t.size() == 1)": True,
    "host.spec.tags.exists(t, t == 'b')": True,
    "host.spec.tags.exists_one(t, t == 'b')": True,
    "host.spec.tags.filter(t, t != 'a').size() == 1": True,
    "host.spec.tags.map(t, t + t) == ['aa', 'bb']": True,
    "host.spec.tags.map(t, t == 'a', t + '!') == ['a!']": True,
    "host.spec.names.all(k, host.spec.names[k] == 'y')": True,
    "has(host.spec.nope)": False,
    "has(host.spec.online) ? host.spec.online : false": True,
    'host["a-b"] == 1 && host.namespace == "metal3"': True,
    "'x' in host.spec.names && 'a' in host.spec.tags": True,
    "host.kind.startsWith('H') && host.kind.endsWith(\"t\") && host.kind.contains('os')": True,
    "host.kind.matches('^H.*t$')": True,
    "host.spec.none == null": True,
    "{'a': 1, 'b': 2}['b'] == 2": True,
    "-host.spec.n < 0 && 5 % 2 == 1 && 6 / 2 == 3 && 2 * 3 - 1 == 5": True,
    "size(host.spec.tags) == 2 && string(1) == '1' && int('2') == 2 && double(1) == 1.0 && uint(1) == 1u": True,
    "duration('1h') > duration('59m') && timestamp('2026-01-01T00:00:00Z').getFullYear() == 2026": True,
    "r'a\\b' == 'a\\\\b' && b'a' == b'a' && 0x1F == 31 && 1e3 == 1000.0 && .5 == 0.5": True,
    "type(1) == int && dyn(1) == 1": True,
    "true // and a remark\n && true": True,
    "'''a\nb''' == 'a\\nb'": True,
    "[1, 2,].size() == 2": True,
}
SPEC = Struct("spec", {"online": BOOL, "n": INT, "f": DOUBLE, "tags": ListOf(TEXT)}, open=True)
TYPES = {"host": Struct("host", {"spec": SPEC, "kind": TEXT}, open=True)}


def refusal(asked) -> ConditionError | None:
    try:
        asked()
    except ConditionError as error:
        return error
    return None


@pytest.mark.parametrize("text", GOOD)
def test_what_is_good_is_read_checked_and_has_its_value(text):
    kind, mistakes = check(read(text), TYPES)
    assert (kind in (ANY, BOOL), mistakes) == (True, [])
    assert Expression(text).value({"host": HOST}) is GOOD[text]


def test_the_grammar_takes_nothing_that_the_library_does_not_and_nothing_crashes():
    dice = random.Random(7)
    words = ["host", ".", "spec", "online", "&&", "||", "!", "(", ")", "[", "]", "{", "}", "'a'", '"', "1", "1.5", "2u", "=="]
    words += ["<", "in", "?", ":", ",", "has", "all", "x", "-", "+", "true", "null", "map", "matches", "`", "//", "0x", "for"]
    words += [" ", "\\", "\u00e9", "\n", "'''"]
    read_by_both = 0
    for _ in range(4000):
        base = dice.choice([*GOOD, ""])
        place = dice.randrange(len(base) + 1)
        text = base[:place] + "".join(dice.choices(words, k=dice.randint(0, 4))) + base[place + dice.randint(0, 3) :]
        if (refused := refusal(lambda text=text: check(read(text), TYPES))) is not None:
            assert 0 <= refused.at <= len(text)
            continue
        assert all(0 <= one.at <= one.end <= len(text) for one in walk(read(text)))
        refused = refusal(lambda text=text: evaluate(text, {"host": HOST, "x": 1}))
        # Which escapes there are in a text is left to the library, whose refusal is told as any other.
        assert refused is None or "Failed to parse" not in str(refused) or "\\" in text, text
        read_by_both += refused is None
    assert read_by_both > 300


@pytest.mark.parametrize(
    "text",
    ["(" * 1000, "!" * 1000 + "true", "[" * 900, "1" + "+1" * 900, "x" + ".a" * 900, "-" * 1900 + "1", "a?" * 800, "'" * 1999],
)
def test_what_is_deep_is_refused_and_overflows_nothing(text):
    with pytest.raises(ConditionError):
        Expression(text)


def test_a_condition_gets_what_it_reads_and_nothing_else():
    condition = Expression(
        "host.spec.online && before.kind == 'x' && host.metadata.labels['a'] == 'b' && host.spec.tags.all(t, t.size() > 0)"
    )
    assert condition.reads == {
        "host": {"spec": {"online": {}, "tags": {}}, "metadata": {"labels": {}}},
        "before": {"kind": {}},
    }
    assert Expression("size(host.spec) > 0 && host.spec.online").reads == {"host": {"spec": {}}}
    assert pruned(HOST, {"spec": {"online": {}, "nope": {}}}) == {"spec": {"online": True}}
    assert pruned({"spec": "text"}, {"spec": {"online": {}}}) == {"spec": "text"}
    assert is_there({"host": HOST}, ["host", "spec", "online"])
    assert not is_there({"host": HOST}, ["host", "kind", "online"])


def test_a_member_that_is_not_there_is_named():
    with pytest.raises(ConditionError, match="`nope` is not there") as raised:
        Expression("host.spec.nope.x == 1").value({"host": HOST})
    assert raised.value.missing == "nope"
    assert list(Expression("host.spec.nope.x == 1").prefixes("nope")) == [["host", "spec", "nope"]]


@pytest.mark.parametrize("value", [2**70, float("nan"), {"a": [[[[]]]]}, "\x00\ud83d\ude00", [], None, -0.0])
def test_odd_values_crash_nothing(value):
    condition = Expression("host.a == host.a || host.a.b > 1")
    refused = refusal(lambda: condition.value({"host": {"a": value}}))
    assert refused is None or str(refused)


def test_a_deep_object_crashes_nothing():
    deep: dict = {}
    for _ in range(500):
        deep = {"a": deep}
    assert Expression("host == host").value({"host": deep}) is True


def test_what_costs_too_much_is_not_begun():
    condition = Expression("host.l.all(a, host.l.exists(b, a == b && a + b > -1))")
    small, large = ({"host": {"l": list(range(n))}} for n in (100, 2000))
    assert condition.value(small) is True
    began = time.perf_counter()
    with pytest.raises(ConditionError, match="STEPS_MAX"):
        condition.value(large)
    assert time.perf_counter() - began < 1


def test_all_answers_together_cost_no_more_than_their_limit():
    condition = Expression("host.l.map(a, host.l.map(b, a + b)).size() > 0")
    values = ({"host": {"l": [number, *range(80)]}} for number in range(200))
    refused = [refusal(lambda one=one: condition.value(one)) for one in values]
    assert "CONDITION_STEPS_MAX" in str(refused[-1])
    assert refused[0] is None
    assert CONDITION_STEPS_MAX >= 10 * STEPS_MAX


def test_an_answer_is_asked_for_once(monkeypatch):
    asked = []
    monkeypatch.setattr("harness.files.conditions.expression.evaluate", lambda *_: asked.append(1) or True)
    condition = Expression("host.spec.online")
    for number in range(5):
        assert condition.value({"host": {"spec": {"online": True}, "other": number}}) is True
    assert len(asked) == 1


def test_cost_is_counted_by_what_is_gone_through():
    once, twice = read("l.all(a, a > 0)"), read("l.all(a, l.all(b, b > a))")
    assert steps(twice, 100) > 50 * steps(once, 100) > steps(once, 1)
    assert steps(read("l.map(a, a)"), 100) > 10 * steps(once, 100)
    refuse_endless(twice)
    with pytest.raises(ConditionError, match="MACROS_NESTED_MAX"):
        refuse_endless(read("l.all(a, l.all(b, l.all(c, c > a)))"))
    refuse_endless(read("l.filter(a, a > 0).map(b, b + 1).all(c, c > 0)"))
    assert largest_in([{"a": [1, 2, 3]}, {"b": {"c": [[0] * 7]}}, 5]) == 7


def test_types_are_followed_into_lists_and_choices():
    def told(text):
        return [it.cause for it in check(read(text), TYPES)[1]]

    assert "a text is compared with a whole number" in told("host.spec.tags[0] == 1")[0]
    assert "a text is compared with a whole number" in told("host.spec.tags.exists(t, t == 1)")[0]
    assert "the items of a list have numbers" in told("host.spec.tags['a'] == 'b'")[0]
    assert "`?` stands between what is true or false" in told("(host.kind ? 1 : 2) == 1")[0]
    assert "`map` asks each item for true or false" in told("host.spec.tags.map(t, t, t) == []")[0]
    assert told("(host.spec.online ? 'a' : 1) == 'b'") == []
    assert told("host.spec.n + 1 == 2 && host.spec.f < host.spec.n") == []
    assert "`+` is asked of a whole number and a number with a point" in told("host.spec.n + host.spec.f > 1.0")[0]
    assert told("host.spec.other.any.thing > 5") == []
    assert "`<` compares what has an order, and this is a table" in told("host < host.spec")[0]
    assert "`-` is for numbers" in told("-host.kind == 1")[0]
    assert check(read("{'a': host.kind}"), TYPES) == (MAP, [])
