"""Who owns the hosts: also after a move that another hand than the mover's brought to its end."""

from harness.world.probes import owner
from tests.checks.test_move_completes import killed_once


def test_a_move_that_was_finished_without_its_mover_has_taken_the_hosts_along():
    assert owner(killed_once(second=False)) == "target"


def test_a_move_is_not_finished_while_its_cluster_is_paused_or_still_in_the_origin():
    assert owner(killed_once(second=False, paused_at_the_end=True)) == "source"
    assert owner(killed_once(second=False, left_behind=True)) == "source"


def test_a_mover_that_came_to_its_end_needs_no_other_sign():
    assert owner(killed_once(left_behind=True)) == "target"
