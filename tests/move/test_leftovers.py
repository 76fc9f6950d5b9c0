"""What was found after a move was ended, against what the mover's executed writes explain."""

import pytest

from harness.move.leftovers import Leftovers, unexplained
from harness.move.requests import MoverRequest

HOSTS = "/apis/metal3.io/v1alpha1/namespaces/metal3/baremetalhosts"
SECRETS = "/api/v1/namespaces/metal3/secrets"
CLUSTERS = "/apis/cluster.x-k8s.io/v1beta2/namespaces/metal3/clusters"
HOST, SECRET, CLUSTER = "baremetalhosts.metal3.io/node-0", "secrets/a", "clusters.cluster.x-k8s.io/lab"

PAUSE = ("source", "PATCH", f"{CLUSTERS}/lab")
CREATE = [
    ("target", "POST", CLUSTERS, "lab"),
    ("target", "PATCH", f"{CLUSTERS}/lab"),
    ("target", "POST", HOSTS, "node-0"),
    ("target", "POST", SECRETS, "a"),
]
DELETE = [
    ("source", "PATCH", f"{SECRETS}/a"),
    ("source", "DELETE", f"{SECRETS}/a"),
    ("source", "PATCH", f"{HOSTS}/node-0"),
    ("source", "DELETE", f"{HOSTS}/node-0"),
    ("source", "PATCH", f"{HOSTS}/node-0"),
    ("source", "PATCH", f"{CLUSTERS}/lab"),
    ("source", "DELETE", f"{CLUSTERS}/lab"),
    ("source", "PATCH", f"{CLUSTERS}/lab"),
]
RESUME = ("target", "PATCH", f"{CLUSTERS}/lab")
MOVE = [PAUSE, *CREATE, *DELETE, RESUME]
WHOLE = {HOST: [], SECRET: [], CLUSTER: []}
COPIED = {HOST: [], SECRET: [], CLUSTER: ["paused"]}


def after(*asked, refused=()):
    """The first requests of a mover; the refused ones were answered with 409."""
    return [
        MoverRequest(number, float(number), *where, 409 if (*where, *name) in refused else 200, name="".join(name))
        for number, (*where, name) in enumerate(((*it[:3], it[3:]) for it in asked), 1)
    ]


def states(left, *asked, **more):
    return unexplained(left, after(*asked, **more), "source")


@pytest.mark.parametrize(
    ("executed", "left"),
    [
        (0, Leftovers(WHOLE)),
        (1, Leftovers(WHOLE | {CLUSTER: ["paused"]})),
        (2, Leftovers(COPIED, {CLUSTER: ["paused"]})),
        (5, Leftovers(COPIED, COPIED)),
        (6, Leftovers(COPIED | {SECRET: ["marked"]}, COPIED)),
        (7, Leftovers({HOST: [], CLUSTER: ["paused"]}, COPIED, gone=1)),
        (9, Leftovers({HOST: ["marked", "dying"], CLUSTER: ["paused"]}, COPIED, gone=1)),
        (10, Leftovers({CLUSTER: ["paused"]}, COPIED, gone=2)),
        (12, Leftovers({CLUSTER: ["paused", "marked", "dying"]}, COPIED, gone=2)),
        (13, Leftovers({}, COPIED, gone=3)),
        (14, Leftovers({}, WHOLE, gone=3)),
    ],
)
def test_the_executed_writes_explain_what_a_mover_left(executed, left):
    assert states(left, *MOVE[:executed]) == []
    later = states(left, *MOVE[: executed + 1])
    assert later or executed in (2, len(MOVE)), "one write more, and it must differ (but for one that restores managed fields)"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (Leftovers(COPIED | {HOST: ["marked"]}, COPIED), f"{HOST} is marked in the origin; by the writes it would be whole"),
        (
            Leftovers({HOST: [], CLUSTER: ["paused"]}, COPIED, gone=1),
            f"{SECRET} is gone in the origin; by the writes it would be whole",
        ),
        (Leftovers(COPIED, COPIED, gone=1), "1 objects are gone from the origin; the writes took 0"),
        (Leftovers(COPIED, COPIED | {CLUSTER: []}), f"{CLUSTER} is whole in the destination; by the writes it would be paused"),
        (Leftovers(WHOLE, COPIED), f"{CLUSTER} is whole in the origin; by the writes it would be paused"),
        (Leftovers(COPIED, {CLUSTER: ["paused"], HOST: []}), f"{SECRET} is not in the destination; the writes put it there"),
        (Leftovers(COPIED, COPIED | {"configmaps/x": []}), "configmaps/x is in the destination; the writes did not put it there"),
    ],
)
def test_what_somebody_else_did_is_told(left, said):
    assert said in states(left, *MOVE[:5])


def test_what_is_asked_twice_after_a_cut_counts_once():
    again = [*MOVE[:6], MOVE[5], MOVE[6]]

    assert states(Leftovers(COPIED | {SECRET: ["marked"]}, COPIED), *again[:7]) == []
    assert states(Leftovers({HOST: [], CLUSTER: ["paused"]}, COPIED, gone=1), *again) == []


def test_what_was_there_already_is_put_there_again():
    put = ("target", "PUT", f"{SECRETS}/a")

    assert states(Leftovers(COPIED, COPIED), *MOVE[:5], put, refused=[MOVE[4]]) == []


def test_a_write_that_was_refused_explains_nothing():
    assert states(Leftovers(WHOLE | {CLUSTER: ["paused"]}), PAUSE, CREATE[0], refused=[CREATE[0]]) == []
