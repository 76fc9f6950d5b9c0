"""Performs a scenario's tree: order, concurrency, limits and faults; every step and fault is recorded."""

import asyncio
import itertools

from harness.bench.bench import Bench
from harness.errors import PreflightFailedError, StepFailedError
from harness.journal.facts import FaultBegan, FaultHealed, StepBegan, StepEnded
from harness.scenario.effect import Effect
from harness.scenario.model import Block, Node, Step, Together, Under

STEP_SECONDS = 3600.0
"""The time limit of a step without `within:`."""


class Performer:
    """Performs the nodes of one scenario on a bench."""

    def __init__(self, bench: Bench) -> None:
        """Nothing is done yet."""
        self._bench = bench
        self._faults = itertools.count(1)

    async def perform(self, nodes: tuple[Node, ...]) -> None:
        """Perform these nodes in order. Raises StepFailedError or PreflightFailedError at the first that fails."""
        for node in nodes:
            await self._node(node)

    async def _node(self, node: Node) -> None:
        word, arguments = _named(node)
        self._bench.journal.record(StepBegan(step=node.path, word=word, arguments=arguments))
        try:
            async with asyncio.timeout(node.within_seconds or STEP_SECONDS) as limit:
                await self._perform_node(node)
        except asyncio.CancelledError:
            self._ended(node, word, "cancelled")
            raise
        except TimeoutError as error:
            seconds = node.within_seconds or STEP_SECONDS
            says = f"took longer than its limit of {seconds:.0f} s" if limit.expired() else f"timed out: {error}"
            self._ended(node, word, "failed", says)
            raise StepFailedError(says) from None
        except Exception as error:  # noqa: BLE001 - recorded first, and raised again
            cause = first_cause(error)
            self._ended(node, word, "cancelled" if isinstance(cause, PreflightFailedError) else "failed", str(cause))
            raise cause from None
        self._ended(node, word, "done")

    def _ended(self, node: Node, word: str, how: str, says: str = "") -> None:
        self._bench.journal.record(StepEnded(step=node.path, word=word, how=how, says=says))  # type: ignore[arg-type]

    async def _perform_node(self, node: Node) -> None:
        match node:
            case Step(call=call):
                await call.word.function(self._bench, **call.arguments)
            case Block(nodes=nodes):
                await self.perform(nodes)
            case Together(nodes=nodes):
                async with asyncio.TaskGroup() as group:
                    for one in nodes:
                        group.create_task(self._node(one))
            case Under():
                await self._perform_under_fault(node)

    async def _perform_under_fault(self, node: Under) -> None:
        name = f"f{next(self._faults)}"
        word = node.fault.word.name
        self._bench.journal.record(FaultBegan(fault=name, word=word, arguments=node.fault.as_written))
        effect = Effect()
        try:
            async with node.fault.word.function(self._bench, **node.fault.arguments) as effect:
                await self.perform(node.nodes)
        finally:
            self._bench.journal.record(FaultHealed(fault=name, word=word, effect=effect.seen, says=effect.says))


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


def first_cause(error: BaseException) -> BaseException:
    """The exception that matters of a group: the first that is no cancellation."""
    while isinstance(error, BaseExceptionGroup):
        error = next((one for one in error.exceptions if not isinstance(one, asyncio.CancelledError)), error.exceptions[0])
    return error
