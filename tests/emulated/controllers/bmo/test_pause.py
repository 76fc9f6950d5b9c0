import json

import pytest

from harness.emulated.controllers.capm3.pause import BLOCK_MOVE, OUR_PAUSE, PAUSED, STATUS, block_move, pause, unpause

CLUSTER = {"cluster.x-k8s.io/cluster-name": "lab"}


def _host(annotations=None, labels=CLUSTER, consumer="machine-1", **status):
    spec = {"consumerRef": {"name": consumer}} if consumer else {}
    return {"metadata": {"annotations": annotations or {}, "labels": labels}, "spec": spec, "status": status}


def test_a_pause_takes_two_visible_patches_and_block_move_goes_last():
    host = _host({BLOCK_MOVE: ""}, poweredOn=True, errorCount=0, hardware={"cpu": {}})
    first, second = pause(host)
    assert first[PAUSED] == OUR_PAUSE
    assert json.loads(first[STATUS] or "") == {"errorCount": 0, "poweredOn": True}
    assert second == {BLOCK_MOVE: None}


def test_the_status_in_the_annotation_has_sorted_keys_and_no_hardware():
    (_, first, _) = pause(_host(None, poweredOn=True, errorCount=0, hardware={"cpu": {}}))
    assert first[STATUS] == '{"errorCount":0,"poweredOn":true}'


def test_a_host_without_block_move_gets_it_first():
    assert pause(_host())[0] == {BLOCK_MOVE: ""}


@pytest.mark.parametrize("value", [OUR_PAUSE, "", "operator"])
def test_any_pause_there_is_ends_it_early_and_no_status_is_written(value):
    assert pause(_host({PAUSED: value})) == []
    assert pause(_host({PAUSED: value, BLOCK_MOVE: ""})) == [{BLOCK_MOVE: None}]


def test_an_empty_status_is_written_as_it_is():
    """The second move before BMO consumed the annotation: what makes BMO take the host for a new one."""
    assert pause(_host({BLOCK_MOVE: ""}))[0][STATUS] == "{}"


def test_only_capm3s_own_pause_on_the_clusters_own_host_is_removed():
    assert unpause(_host({PAUSED: OUR_PAUSE}), "lab") == [{PAUSED: None}]
    assert unpause(_host({PAUSED: "operator"}), "lab") == []
    assert unpause(_host({PAUSED: OUR_PAUSE}, labels={}), "lab") == []
    assert unpause(_host({PAUSED: OUR_PAUSE}), "other") == []


def test_block_move_is_put_on_claimed_hosts_that_nobody_has_paused():
    assert block_move(_host(), "machine-1") == [{BLOCK_MOVE: ""}]
    assert block_move(_host({BLOCK_MOVE: ""}), "machine-1") == []
    assert block_move(_host({PAUSED: "operator"}), "machine-1") == []
    assert block_move(_host(), "machine-2") == []
    assert block_move(_host(consumer=None), "machine-1") == []
