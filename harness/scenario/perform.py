"""Performs a scenario's tree: order, concurrency, limits and faults; every step and fault is recorded."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from harness.bench.bench import Bench
from harness.errors import BadWordError, HaltedError, HeldError, PreflightFailedError, StepFailedError
from harness.files.author_errors import explain_author_error
from harness.files.declaration import Word
from harness.journal.facts import FaultBegan, FaultHealed, StepBegan, StepEnded
from harness.lab.undo import performed
from harness.scenario.effect import Effect
from harness.scenario.halt import Halt
from harness.scenario.model import Block, Node, Step, Together, Under

STEP_SECONDS = 3600.0
"""The time limit of a step without `within:`."""


class Performer:
    """Performs the nodes of one scenario on a bench."""

    def __init__(self, bench: Bench) -> None:
        """Nothing is done yet."""
        self._bench = bench
        self._faults = itertools.count(1)
        self._halted = ""

    async def perform(self, nodes: tuple[Node, ...]) -> None:
        """Perform these nodes in order. Raises StepFailedError or PreflightFailedError at the first that fails.

        HaltedError where one ended so that no other may follow, and another one would.
        """
        for node in nodes:
            if self._halted:
                raise HaltedError(f"step {node.path} ({_named(node)[0]}) and what follows it is refused: {self._halted}")
            await self._node(node)

    async def _node(self, node: Node) -> None:
        word, arguments = _named(node)
        self._bench.journal.record(StepBegan(step=node.path, word=word, arguments=arguments))
        try:
            async with asyncio.timeout(node.within_seconds or STEP_SECONDS) as limit:
                says = await self._perform_node(node)
        except asyncio.CancelledError:
            self._ended(node, word, "cancelled")
            raise
        except TimeoutError as error:
            seconds = node.within_seconds or STEP_SECONDS
            says = f"took longer than its limit of {seconds:g} s" if limit.expired() else f"timed out: {error}"
            self._ended(node, word, "failed", says)
            raise StepFailedError(says) from None
        except Exception as error:  # noqa: BLE001 - recorded first, and raised again
            cause = first_cause(error)
            stopped = isinstance(cause, PreflightFailedError | BadWordError | HaltedError | HeldError)
            self._ended(node, word, "cancelled" if stopped else "failed", str(cause))
            raise cause from None
        self._ended(node, word, "done", says)

    def _ended(self, node: Node, word: str, how: str, says: str = "") -> None:
        self._bench.journal.record(StepEnded(step=node.path, word=word, how=how, says=says))  # type: ignore[arg-type]

    async def _perform_node(self, node: Node) -> str:
        """Do it; what a step has to say of how it ended, mostly nothing."""
        match node:
            case Step(call=call):
                with performing(call.word, []):
                    says = await call.word.function(self._bench, **call.arguments)
                if isinstance(says, Halt):
                    self._halted = f"{call.word.name}: {says.says}"
                    return says.says
                return says if isinstance(says, str) else ""
            case Block(nodes=nodes):
                await self.perform(nodes)
            case Together(nodes=nodes):
                async with asyncio.TaskGroup() as group:
                    for one in nodes:
                        group.create_task(self._node(one))
            case Under():
                await self._perform_under_fault(node)
        return ""

    async def _perform_under_fault(self, node: Under) -> None:
        name = f"f{next(self._faults)}"
        word = node.fault.word.name
        self._bench.journal.record(FaultBegan(fault=name, word=word, arguments=node.fault.as_written))
        effect = Effect()
        inner: list[BaseException] = []
        try:
            with performing(node.fault.word, inner):
                async with node.fault.word.function(self._bench, **node.fault.arguments) as effect:
                    try:
                        await self.perform(node.nodes)
                    except BaseException as error:
                        inner.append(first_cause(error))
                        raise
        finally:
            self._bench.journal.record(FaultHealed(fault=name, word=word, effect=effect.seen, says=effect.says))


@contextmanager
def performing(word: Word, inner: list[BaseException]) -> Iterator[None]:
    """Let writes know which word makes them; a crash in a word that is not the harness' own is told as its author's.

    `inner` gets the exceptions of the steps within a fault, which are not the fault's.
    """
    token = performed.set(word.file)
    try:
        yield
    except Exception as error:
        cause = first_cause(error)
        if not word.file.origin or cause in inner or not _is_crash(cause):
            raise
        raise BadWordError(explain_author_error(cause, word.file.file)) from error
    finally:
        performed.reset(token)


def _is_crash(error: BaseException) -> bool:
    """Is it none of the exceptions by which a word says what happened?"""
    known = isinstance(error, TimeoutError | asyncio.CancelledError | KeyboardInterrupt)
    return not known and type(error).__module__.partition(".")[0] not in ("harness", "bmc")


def _named(node: Node) -> tuple[str, dict[str, object]]:
    match node:
        case Step(call=call):
            return call.word.name, call.as_written
        case Under(fault=fault):
            return "under", {fault.word.name: fault.as_written}
        case Together():
            return "together", {}
        case _:
            return "steps", {}


def planned_steps(nodes: tuple[Node, ...]) -> dict[str, str]:
    """The path of each node of a scenario -> the word by which it is recorded, in order."""
    planned: dict[str, str] = {}
    for node in nodes:
        planned[node.path] = _named(node)[0]
        if not isinstance(node, Step):
            planned |= planned_steps(node.nodes)
    return planned


def first_cause(error: BaseException) -> BaseException:
    """The exception that matters of a group: the first that is no cancellation."""
    while isinstance(error, BaseExceptionGroup):
        error = next((one for one in error.exceptions if not isinstance(one, asyncio.CancelledError)), error.exceptions[0])
    return error
