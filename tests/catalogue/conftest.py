"""A good run to plant defects in: the recording of a real pivot."""

import pytest

from harness.catalogue.planting.good_run import GoodRun
from harness.journal.journal import read
from harness.run.importer import import_recordings
from tests.recorded import RECORDINGS


@pytest.fixture(scope="session")
def good_directory(tmp_path_factory):
    out = tmp_path_factory.mktemp("good") / "run"
    import_recordings([RECORDINGS / "b-good-pivot"], out)
    return out


@pytest.fixture(scope="session")
def good_run(good_directory):
    return GoodRun(read(good_directory / "journal.jsonl"))
