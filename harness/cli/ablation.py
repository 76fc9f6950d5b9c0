"""`harness judge DIR --ablate`: judge a run again and again with less than was seen, and tell which verdicts turned."""

from pathlib import Path

import msgspec

from harness.catalogue.ablation.seen_run import SeenRun
from harness.catalogue.ablation.table import document, header, row, summary
from harness.catalogue.ablation.trial import Ablated, ablate
from harness.cli.mutation import say
from harness.exits import Exit
from harness.journal.journal import FILE_NAME, read


def ablate_run(directory: Path, every: int, json_file: Path | None) -> int:
    """Take away each sight, and print the table; 0 only where no verdict turned to pass or to fail."""
    run = SeenRun(read(directory / FILE_NAME))
    say(header())
    found: list[Ablated] = []
    for one in ablate(run, every):
        found.append(one)
        say(row(one))
    say(summary(found))
    if json_file:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(document(found)), indent=2) + b"\n")
    return Exit.FAIL if any(one.turns for one in found) else Exit.PASS
