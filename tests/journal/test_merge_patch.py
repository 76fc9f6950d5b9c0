import copy
import random

import pytest

from harness.journal.merge_patch import apply_merge_patch, drop_nulls, merge_patch

# The examples of RFC 7386, appendix A, whose target and patch are objects.
RFC_EXAMPLES = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
SCALARS = [0, 1, True, False, "", "a", 1.5, -3, None]


def _value(rng, depth):
    choice = rng.random()
    if depth and choice < 0.4:
        return {rng.choice("abcd"): _value(rng, depth - 1) for _ in range(rng.randrange(4))}
    if depth and choice < 0.6:
        return [_value(rng, depth - 1) for _ in range(rng.randrange(3))]
    return rng.choice(SCALARS)


def _body(rng):
    return drop_nulls({rng.choice("abcdef"): _value(rng, 3) for _ in range(rng.randrange(6))})


@pytest.mark.parametrize(("target", "patch", "result"), RFC_EXAMPLES)
def test_a_patch_is_applied_as_the_rfc_says(target, patch, result):
    assert apply_merge_patch(target, patch) == result


def test_the_patch_between_any_two_bodies_leads_from_one_to_the_other():
    for seed in range(3000):
        rng = random.Random(seed)
        before, after = _body(rng), _body(rng)
        untouched = copy.deepcopy((before, after))
        found = apply_merge_patch(before, merge_patch(before, after))
        assert _strict(found) == _strict(after), seed
        assert (before, after) == untouched


def _strict(value):
    """A form in which true and 1 differ, and the order of members does not matter."""
    if isinstance(value, dict):
        return ("object", frozenset((name, _strict(member)) for name, member in value.items()))
    if isinstance(value, list):
        return ("array", tuple(_strict(item) for item in value))
    return (type(value).__name__, value)


def test_a_patch_names_nothing_that_did_not_change():
    for seed in range(500):
        body = _body(random.Random(seed))
        assert merge_patch(body, copy.deepcopy(body)) == {}
    assert merge_patch({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1, "c": 4}, "d": 3}) == {"a": {"c": 4}}


def test_true_is_not_one():
    assert merge_patch({"a": 1, "b": [0]}, {"a": True, "b": [False]}) == {"a": True, "b": [False]}


def test_null_members_are_absent_at_any_depth_and_nulls_in_arrays_stay():
    assert drop_nulls({"a": None, "b": {"c": None}, "d": [None, {"e": None}]}) == {"b": {}, "d": [None, {}]}
