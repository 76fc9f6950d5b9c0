"""What is judged where nobody chose follows from what each check declares."""

from pathlib import Path

import pytest

from harness.errors import BadWordError
from harness.files.words import WordFiles, shipped_source
from harness.verdict.promise import preflight_checks, promised_checks

OF_EVERY_MOVE = [
    *("hosts_keep_state", "history_unchanged", "bmc_untouched", "nodes_untouched", "one_owner", "moved_in_order"),
    *("status_carried", "objects_arrive", "hosts_adopted", "annotations_consumed", "machines_run", "move_completes"),
]
"""In the order in which verdict.json has had them from the first."""

CHECK = '"""It holds."""\n\n{}\n\n\ndef check(world):\n    return ()\n'


@pytest.fixture
def place(tmp_path) -> Path:
    (tmp_path / "checks").mkdir()
    return tmp_path


def put(place: Path, name: str, text: str) -> None:
    (place / "checks" / f"{name}.py").write_text(text)


def both(place: Path) -> WordFiles:
    return WordFiles([place], sources=[shipped_source()])


@pytest.mark.parametrize(
    ("mode", "more"),
    [("run", ["network_serves", "run_completes"]), ("watch", ["run_completes"]), ("import", ["run_completes"])],
)
def test_the_shipped_promise_is_that_of_a_pivot_by_how_it_was_seen(mode, more):
    known = {*OF_EVERY_MOVE, "network_serves", "run_completes"}
    promised = promised_checks(WordFiles(sources=[shipped_source()]), mode)
    assert [name for name in promised if name in known] == [*OF_EVERY_MOVE, *more]
    assert not [name for name in promised if name.startswith("preflight_")]


def test_the_preflight_is_every_check_that_says_so():
    words = WordFiles(sources=[shipped_source()])
    assert preflight_checks(words) == [f"preflight_{it}" for it in ("hosts", "ironic", "network", "objects")]


def test_a_check_is_promised_unless_it_says_no_and_comes_after_those_with_an_order(place):
    put(place, "zz_always", CHECK.format(""))
    put(place, "zz_never", CHECK.format("PROMISE = False"))
    put(place, "zz_first", CHECK.format("ORDER = 0"))
    put(place, "zz_watched", CHECK.format('MODES = ("watch",)'))
    put(place, "aa_preflight", CHECK.format("PREFLIGHT = True\nPROMISE = False"))

    names = promised_checks(both(place), "run")
    assert (names[0], names[-1]) == ("zz_first", "zz_always")
    assert {"zz_never", "zz_watched", "aa_preflight"}.isdisjoint(names)
    assert promised_checks(both(place), "watch")[-1] == "zz_watched"
    assert preflight_checks(both(place))[0] == "aa_preflight"


def test_a_check_of_the_promise_that_cannot_be_read_is_never_left_out_silently(place):
    put(place, "zz_broken", CHECK.format("import nobody_has_this"))
    with pytest.raises(BadWordError, match=r"zz_broken.py:3: there is no module `nobody_has_this` to import"):
        promised_checks(both(place), "run")
    assert "zz_broken" not in preflight_checks(both(place))


def test_a_broken_check_that_is_not_promised_harms_nobody(place):
    put(place, "zz_broken", CHECK.format("PROMISE = False\nimport nobody_has_this"))
    assert "zz_broken" not in promised_checks(both(place), "run")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (CHECK.format('MODES = ("wach",)'), "1: `MODES` of a check are of run, watch, import, not wach"),
        (CHECK.replace("world", "world, *, limit: int").format(""), "6: `limit` must be given, so this check cannot be judged"),
        ('"""Nothing."""\n', "1: this check has no function `check`"),
        (CHECK.replace("def", "async def").format(""), "6: `check` must be `def check(world, *, ...)`"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_told(text, cause, place):
    put(place, "zz_odd", text)
    with pytest.raises(BadWordError, match=r"zz_odd\.py") as raised:
        promised_checks(both(place), "run")
    assert cause in str(raised.value)
