"""CAPM3's rules for pausing hosts: which annotations of a BareMetalHost it writes when. Pure.

Upstream: `SetPauseAnnotation`, `RemovePauseAnnotation`, `EnsureBlockMoveAnnotation` of CAPM3 1.14.
"""

import json

from harness.emulated.controllers.objects import CLUSTER_LABEL
from harness.emulated.kube.client import Json

PAUSED = "baremetalhost.metal3.io/paused"
STATUS = "baremetalhost.metal3.io/status"
BLOCK_MOVE = "clusterctl.cluster.x-k8s.io/block-move"
OUR_PAUSE = "metal3.io/capm3"

Annotations = dict[str, str | None]
"""A merge patch of annotations: None removes."""


def annotations_of(host: Json) -> dict[str, str]:
    """The host's annotations, maybe none."""
    found: dict[str, str] = host["metadata"].get("annotations") or {}
    return found


def pause(host: Json) -> list[Annotations]:
    """The patches, in order, that a paused Cluster brings upon its host.

    Any pause value that is there already, a user's too, ends it early: block-move goes, and no status is written.
    """
    there = annotations_of(host)
    release: Annotations = {BLOCK_MOVE: None}
    if PAUSED in there:
        return [release] if BLOCK_MOVE in there else []
    block: list[Annotations] = [] if BLOCK_MOVE in there else [{BLOCK_MOVE: ""}]
    return [*block, {PAUSED: OUR_PAUSE, STATUS: status_text(host)}, release]


def status_text(host: Json) -> str:
    """The status as the annotation carries it: without the hardware, keys sorted."""
    carried = {key: value for key, value in (host.get("status") or {}).items() if key != "hardware"}
    return json.dumps(carried, sort_keys=True, separators=(",", ":"))


def unpause(host: Json, cluster: str) -> list[Annotations]:
    """The patch that an un-paused Cluster brings: only for its own host, only for CAPM3's own pause."""
    labels = host["metadata"].get("labels") or {}
    ours = annotations_of(host).get(PAUSED) == OUR_PAUSE and labels.get(CLUSTER_LABEL) == cluster
    return [{PAUSED: None}] if ours else []


def block_move(host: Json, consumer: str) -> list[Annotations]:
    """The patch that every reconcile of an un-paused Metal3Machine brings upon the host it claims."""
    there = annotations_of(host)
    claimed = host["spec"].get("consumerRef", {}).get("name") == consumer
    return [{BLOCK_MOVE: ""}] if claimed and PAUSED not in there and BLOCK_MOVE not in there else []
