"""After a step that says that none may follow, none does; where it was the last one, the run came to its end."""

from types import SimpleNamespace
from typing import Any

import pytest

from harness.errors import HaltedError
from harness.journal.facts import RunBegan, RunEnded, StepEnded
from harness.journal.journal import Journal
from harness.scenario.halt import Halt
from harness.scenario.model import Block, Step, Together
from harness.scenario.perform import Performer, planned_steps
from harness.verdict.judge import judge_entries


def word(name: str, result: Any, done: list[str]) -> Any:
    async def function(bench: Any) -> Any:
        done.append(name)
        return result

    return SimpleNamespace(name=name, function=function, file=SimpleNamespace(origin="", file=""), arguments=())


def step(path: str, name: str, done: list[str], result: Any = None) -> Step:
    call: Any = SimpleNamespace(word=word(name, result, done), arguments={}, as_written={})
    return Step(path=path, place="", call=call)


async def performed(directory: Any, nodes: Any) -> tuple[list[StepEnded], list[str]]:
    """How each step ended, and what `run_completes` says of the run."""
    journal = Journal(directory)
    journal.record(RunBegan(scenario="s", lab="l", started="", mode="run", expectations=[], steps=planned_steps(nodes)))
    bench: Any = SimpleNamespace(journal=journal)
    how, says = "done", ""
    try:
        await Performer(bench).perform(nodes)
    except HaltedError as error:
        how, says = "failed", str(error)
    journal.record(RunEnded(how=how, says=says))
    journal.close()
    verdict = judge_entries(journal.entries)
    ended = [entry.fact for entry in journal.entries if isinstance(entry.fact, StepEnded)]
    return ended, [item["verdict"] for item in verdict["checks"] if item["check"] == "run_completes"]


async def test_as_the_last_step_it_is_done_and_tells_why(tmp_path):
    done: list[str] = []
    ended, said = await performed(tmp_path, (step("1", "a", done), step("2", "settle", done, Halt("nobody came"))))

    assert done == ["a", "settle"]
    assert [(each.how, each.says) for each in ended] == [("done", ""), ("done", "nobody came")]
    assert said == ["pass"]


@pytest.mark.parametrize("kind", [Block, Together])
async def test_no_step_follows_it_wherever_it_stands_and_that_is_unknown(tmp_path, kind):
    done: list[str] = []
    inner = kind(path="1", place="", nodes=(step("1.1", "settle", done, Halt("nobody came")),))
    ended, said = await performed(tmp_path, (inner, step("2", "move", done)))

    assert done == ["settle"]
    assert [each.how for each in ended] == ["done", "done"]
    assert set(said) == {"unknown"}


async def test_within_a_block_the_block_was_stopped_and_did_not_fail(tmp_path):
    done: list[str] = []
    nodes = (step("1.1", "settle", done, Halt("nobody came")), step("1.2", "move", done))
    ended, said = await performed(tmp_path, (Block(path="1", place="", nodes=nodes),))

    assert [(each.step, each.how) for each in ended] == [("1.1", "done"), ("1", "cancelled")]
    assert "step 1.2 (move) and what follows it is refused: settle: nobody came" in ended[-1].says
    assert set(said) == {"unknown"}
