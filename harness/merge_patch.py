"""JSON merge patches (RFC 7386): how a journal tells the next version of an object without telling all of it again.

A merge patch cannot carry a null, since null means "remove" in it. So null counts as absent here: bodies go through `drop_nulls`
first, and `apply_merge_patch(before, merge_patch(before, after)) == after` holds for every pair of bodies without nulls.
"""

from typing import Any

from harness.facts import Body


def drop_nulls(value: Any) -> Any:
    """A copy of a JSON value without the object members that are null, at any depth; nulls in arrays keep their places."""
    if isinstance(value, dict):
        return {name: drop_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [drop_nulls(item) for item in value]
    return value


def merge_patch(before: Body, after: Body) -> Body:
    """The smallest patch that makes `before` into `after`, empty where they are equal; both have gone through `drop_nulls`."""
    patch: Body = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(value, dict) and isinstance(old, dict):
            inner = merge_patch(old, value)
            if inner:
                patch[name] = inner
        elif not _same(old, value):
            patch[name] = value
    return patch


def apply_merge_patch(before: Body, patch: Body) -> Body:
    """The body that `patch` makes of `before`, as RFC 7386 section 2 says; neither argument is changed."""
    after = dict(before)
    for name, value in patch.items():
        if value is None:
            after.pop(name, None)
        elif isinstance(value, dict):
            old = before.get(name)
            after[name] = apply_merge_patch(old if isinstance(old, dict) else {}, value)
        else:
            after[name] = value
    return after


def _same(left: Any, right: Any) -> bool:
    """Equality as JSON has it: `true` is not 1, whatever Python thinks."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(_same(*pair) for pair in zip(left, right, strict=True))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)
