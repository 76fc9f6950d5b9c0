"""A Cluster that its user deletes after the move takes nothing back: what went wrong before is told, what came after is not promised."""

import pytest

from harness.catalogue.planting.good_run import GoodRun
from harness.catalogue.trial.classes import load
from harness.catalogue.trial.trial import try_class
from harness.journal.journal import FILE_NAME, read
from harness.run.importer import import_recordings
from harness.verdict.coverage import told_objects
from harness.world.carried.fates import befallen
from harness.world.moves import judged_moves
from tests.recorded import RECORDINGS

BEFORE = (
    "firmware_wishes_lost",
    "lost_update",
    "node_not_ready_at_the_end",
    "other_kind_lost",
    "spare_lost",
    "users_object_stays",
)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A recorded good move, 45 s after which its Cluster is deleted by its user."""
    out = tmp_path_factory.mktemp("released") / "run"
    import_recordings([RECORDINGS / "h-deprovision-after-repivot"], out)
    return GoodRun(read(out / FILE_NAME))


@pytest.mark.parametrize("word", BEFORE)
def test_what_went_wrong_before_is_found(released, word):
    tried = try_class(released, load(word))
    assert tried.applies
    assert [outcome for outcome in tried.outcomes if not outcome.good] == []


def test_a_cluster_that_was_made_anew_is_told_although_it_is_deleted_again(released):
    outcomes = try_class(released, load("object_made_anew")).outcomes
    (of_cluster,) = (outcome for outcome in outcomes if outcome.variant == "Cluster" and not outcome.twin)
    assert of_cluster.result == "found"


def test_what_its_user_deleted_afterwards_had_moved_and_was_not_lost(released):
    (leg,) = judged_moves(released.world)
    fates = befallen(released.world, leg)
    assert fates.lost == []
    assert sum(fates.moved.values()) == 48
    assert told_objects(released.world) == {"carried": 48, "arrived": 48}


def test_what_needs_more_time_than_is_left_is_named(released):
    assert "60 s after the move" in str(try_class(released, load("never_adopted")).needs)
