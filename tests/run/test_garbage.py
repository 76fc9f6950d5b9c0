"""What a run holds is not looked through again and again."""

import gc

from harness.run.garbage import survivors_kept


def test_what_outlived_a_whole_look_is_not_looked_at_again_in_the_block():
    held = [[number] for number in range(1000)]
    with survivors_kept():
        gc.collect()
        left = {id(one) for one in gc.get_objects()}
        assert not left & {id(one) for one in held}

    assert {id(one) for one in held} <= {id(one) for one in gc.get_objects()}


def test_a_look_among_what_is_new_keeps_nothing_back():
    with survivors_kept():
        gc.collect()
        held = [[number] for number in range(1000)]
        gc.collect(0)
        left = {id(one) for one in gc.get_objects()}

    assert {id(one) for one in held} <= left
