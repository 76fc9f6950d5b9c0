"""What takes a write back is a typed value in the journal, read back whichever version wrote it."""

from pathlib import Path

import pytest

from harness.bench.undo import kept, undo_kinds, undo_of, unfinished
from harness.errors import BadWordError, LabBrokeError, UndoError
from harness.files.words import WordFiles
from harness.journal.entry import Entry
from harness.journal.facts import MoverEnded, MoverStarted, RunBegan, WriteIntended
from harness.journal.journal import Journal
from harness.lab.undo import Undo, UndoAccess, UnknownUndo, WordUndo, body_of, performed
from harness.run.recover import RecoverOptions, recover

WRITTEN = [
    {"do": "scale", "cluster": "source", "deployment": "a/b", "replicas": 1},
    {"do": "create", "cluster": "source", "path": "/apis/x", "body": {"kind": "Ironic"}},
    {"do": "delete", "cluster": "target", "path": "/apis/x/y"},
    {"do": "delete", "cluster": "target", "path": "/apis/x/y", "until_gone": True},
    {"do": "patch", "cluster": "source", "path": "/apis/x/y", "operations": [{"op": "replace", "path": "/z", "value": 1}]},
    {"do": "labels", "cluster": "source", "path": "/apis/x/y", "labels": {"a": "b"}},
    {"do": "network", "url": "http://127.0.0.1:1", "collection": "cuts"},
    {"do": "unsubscribe", "host": "node-0", "context": "c"},
]
"""As every version has written them, key by key."""

AFTER_A_MOVE = {"labels", "network", "unsubscribe"}

FAN = """
\"\"\"The fan is slow.\"\"\"

from harness.lab.undo import Undo


class FanBack(Undo):
    speed: int

    async def undo(self, access):
        raise RuntimeError(f"{access.write} has no fan")


async def step(bench):
    pass
"""


def entry(seq: int, fact) -> Entry:
    return Entry(seq=seq, since=float(seq), at=float(seq), fact=fact)


def intended(bodies) -> list[Entry]:
    return [entry(n, WriteIntended(write=f"w{n}", system="s", what="x", undo=body)) for n, body in enumerate(bodies)]


def access(words: WordFiles) -> UndoAccess:
    async def bmc(_: str):
        raise AssertionError("nobody asked for a BMC")

    return UndoAccess("w1", {}, bmc, words)


@pytest.fixture
def place(tmp_path) -> Path:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "slow_fan.py").write_text(FAN.lstrip())
    return tmp_path


@pytest.mark.parametrize("body", WRITTEN, ids=lambda body: body["do"])
def test_a_write_of_any_version_is_read_and_written_the_same(body):
    undo = undo_of(body, undo_kinds())
    assert not isinstance(undo, UnknownUndo)
    assert body_of(undo) == body


def test_after_a_move_began_only_that_is_taken_back_which_touches_no_owner():
    entries = intended(WRITTEN)
    assert len(unfinished(entries)) == len(WRITTEN)
    moved = [*entries, entry(len(entries), MoverStarted(mover=1, origin="source", destination="target"))]
    assert {body_of(item.undo)["do"] for item in unfinished(moved)} == AFTER_A_MOVE


def test_what_a_broken_off_move_forbids_to_take_back_is_kept_and_told():
    entries = intended(WRITTEN)
    moved = [*entries, entry(len(entries), MoverStarted(mover=1, origin="source", destination="target"))]

    def ended(code: int) -> list[Entry]:
        return [*moved, entry(len(moved), MoverEnded(mover=1, code=code))]

    assert kept(entries) == kept(ended(0)) == []
    for broken_off in (moved, ended(-9), ended(1)):
        assert {body_of(item.undo)["do"] for item in kept(broken_off)} == {"scale", "create", "delete", "patch"}


async def test_recover_never_says_that_nothing_is_left_of_a_move_that_broke_off(tmp_path, capsys):
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.touch()
    lab = tmp_path / "lab.yaml"
    lab.write_text(f"clusters: {{source: {{kubeconfig: {kubeconfig}}}, target: {{kubeconfig: {kubeconfig}}}}}\n")
    journal = Journal(tmp_path / "run")
    journal.record(RunBegan(scenario="s", lab="l", started="", mode="run", expectations=[], lab_file=str(lab)))
    journal.record(WriteIntended(write="w0", system="source", what="scale ironic from 1 to 0", undo=WRITTEN[0]))
    journal.record(MoverStarted(mover=1, origin="source", destination="target"))
    journal.close()

    with pytest.raises(LabBrokeError, match="must work first"):
        await recover(tmp_path / "run", RecoverOptions(trust=True))
    assert capsys.readouterr().out.startswith("left: scale ironic from 1 to 0 (source): a move broke off")


async def test_what_no_version_here_can_read_is_told_and_not_guessed():
    (item,) = unfinished(intended([{"do": "fly", "height": 3}]))
    with pytest.raises(UndoError, match="nobody here knows how to undo"):
        await item.undo.undo(access(WordFiles()))


async def test_an_undo_of_ones_own_is_found_by_its_word_and_its_crash_is_its_authors(place):
    words = WordFiles([place])
    file = words.find("step", "slow_fan")
    token = performed.set(file)
    try:
        body = body_of(file.module.FanBack(speed=3))
    finally:
        performed.reset(token)
    (item,) = unfinished(intended([body]))

    assert body["do"] == "word"
    assert isinstance(item.undo, WordUndo)
    with pytest.raises(UndoError, match=r"slow_fan\.py:10: it crashed: RuntimeError: w1 has no fan"):
        await item.undo.undo(access(words))
    with pytest.raises(UndoError, match=rf"step slow_fan came from {place}, and is not here; give its directory by --words"):
        await item.undo.undo(access(WordFiles()))


def test_an_undo_that_nobody_could_find_again_is_refused_before_its_write(place):
    class Hidden(Undo):
        pass

    with pytest.raises(BadWordError, match="Hidden must be a name in the module"):
        body_of(Hidden())
    token = performed.set(WordFiles([place]).find("step", "slow_fan"))
    try:
        with pytest.raises(BadWordError, match=r"slow_fan\.py:1: Hidden must be a name in the module"):
            body_of(Hidden())
    finally:
        performed.reset(token)
