"""A writer to be killed: records facts as fast as it can, and says after each durable one how far it is."""

import asyncio
import sys
from pathlib import Path

from harness.journal.facts import StepBegan
from harness.journal.journal import Journal


async def main(directory: Path) -> None:
    journal = Journal(directory)
    while True:
        for _ in range(50):
            entry = journal.record(StepBegan(step="1", word="w" * 200))
        await journal.durable(entry)
        sys.stdout.write(f"{entry.seq}\n")
        sys.stdout.flush()


asyncio.run(main(Path(sys.argv[1])))
