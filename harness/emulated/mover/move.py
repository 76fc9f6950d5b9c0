"""A move from its first call to its last, in the order of `clusterctl move`."""

from harness.emulated.mover import contact, discovery, transfer
from harness.emulated.mover.api.backoff import BLOCK_MOVE, WRITE
from harness.emulated.mover.api.calls import METADATA_ONLY
from harness.emulated.mover.errors import MoveError, wrapped
from harness.emulated.mover.graph import BLOCK_MOVE as BLOCK_MOVE_ANNOTATION
from harness.emulated.mover.graph import CLUSTER, CLUSTER_CLASS, Body, Graph, GraphNode
from harness.emulated.mover.job import CORE, PAUSED, Job


async def move(job: Job) -> None:
    """Move one namespace's objects. Raises MoveError where it stops; nothing is rolled back."""
    await contact.check(job.source, job.retry, job.log)
    if not job.dry_run:
        await contact.check(job.target, job.retry, job.log)
    _announce(job)
    if not job.dry_run:
        await contact.check_providers(job)
    job.log.say("Discovering Cluster API objects")
    with wrapped("failed to get object graph"):
        graph = await discovery.discover(job)
    await discovery.check_not_paused(job, graph)
    await _pause(job, graph)
    job.log.say("Waiting for all resources to be ready to move")
    if not job.dry_run:
        with wrapped("error waiting for resources to be ready to move"):
            await _wait_ready(job, graph)
    groups = _shuffled(job, graph.predict().groups)
    job.log.say("Creating objects in the target cluster")
    for group in groups:
        await transfer.create_group(job, group)
    job.log.say("Deleting objects from the source cluster")
    for group in reversed(groups):
        await transfer.delete_group(job, group)
    await _resume(job, graph)


def _announce(job: Job) -> None:
    job.log.say("Performing move...")
    if job.dry_run:
        job.log.say("********************************************************")
        job.log.say("This is a dry-run move, will not perform any real action")
        job.log.say("********************************************************")


def _shuffled(job: Job, groups: list[list[GraphNode]]) -> list[list[GraphNode]]:
    # Upstream walks a map: nobody may rely on the order within a group, so ours changes with the seed.
    for group in groups:
        job.order.shuffle(group)
    return groups


async def _pause(job: Job, graph: Graph) -> None:
    job.log.say("Pausing the source cluster", level=1)
    for node in graph.of(CLUSTER):
        await _set_cluster_pause(job, node, paused=True)
    job.log.say("Pausing the source ClusterClasses", level=1)
    for node in graph.of(CLUSTER_CLASS):
        await _set_class_pause(job, node, paused=True)


async def _resume(job: Job, graph: Graph) -> None:
    job.log.say("Resuming the target ClusterClasses", level=1)
    for node in graph.of(CLUSTER_CLASS):
        await _set_class_pause(job, node, paused=False)
    job.log.say("Resuming the target cluster", level=1)
    for node in graph.of(CLUSTER):
        await _set_cluster_pause(job, node, paused=False)


async def _set_cluster_pause(job: Job, node: GraphNode, *, paused: bool) -> None:
    if job.dry_run:
        return
    place = {"name": node.name, "namespace": node.namespace}
    job.log.say("Set Cluster.Spec.Paused", ("paused", paused), ("Cluster", place), level=5)

    async def patch() -> None:
        operation = (job.source if paused else job.target).operation()
        with wrapped(f"error reading Cluster {node.namespace}/{node.name}"):
            body = await operation.get(CORE, "Cluster", node.namespace, node.name)
        with wrapped(f"error patching Cluster {node.namespace}/{node.name}"):
            await operation.patch(body, {"spec": {"paused": True if paused else None}})

    with wrapped(f"error setting Cluster.Spec.Paused={str(paused).lower()}"):
        await job.retry(WRITE, patch)


async def _set_class_pause(job: Job, node: GraphNode, *, paused: bool) -> None:
    if job.dry_run:
        return
    what = "Set Paused annotation" if paused else "Remove Paused annotation"
    job.log.say(what, ("ClusterClass", node.name), ("Namespace", node.namespace), level=5)

    async def patch() -> None:
        operation = (job.source if paused else job.target).operation()
        body = await operation.get(CORE, "ClusterClass", node.namespace, node.name)
        await operation.patch(body, _class_patch(body, paused=paused))

    with wrapped("error pausing ClusterClasses" if paused else "error resuming ClusterClasses"):
        await job.retry(WRITE, patch)


def _class_patch(body: Body, *, paused: bool) -> Body:
    annotations = body["metadata"].get("annotations") or {}
    if paused:
        return {} if PAUSED in annotations else {"metadata": {"annotations": {PAUSED: ""}}}
    if PAUSED not in annotations:
        return {}
    return {"metadata": {"annotations": None if len(annotations) == 1 else {PAUSED: None}}}


async def _wait_ready(job: Job, graph: Graph) -> None:
    """Wait for those that blocked the move when they were discovered; a block that comes later is not looked for."""
    nodes = graph.candidates()
    job.order.shuffle(nodes)
    for node in nodes:
        if node.blocking:
            await _wait_unblocked(job, node)
        else:
            job.log.say("Resource not blocking move", *_identity(node), level=5)


async def _wait_unblocked(job: Job, node: GraphNode) -> None:
    told = False
    operation = job.source.operation()

    async def look() -> None:
        nonlocal told
        with wrapped(f"error getting {node.api_version}/{node.namespace}/{node.name}"):
            body = await operation.get(node.api_version, node.kind, node.namespace, node.name, accept=METADATA_ONLY)
        if BLOCK_MOVE_ANNOTATION in (body["metadata"].get("annotations") or {}):
            if not told:
                why = f"Move blocked by {BLOCK_MOVE_ANNOTATION} annotation, waiting for it to be removed"
                job.log.say(why, *_identity(node))
                told = True
            kind = f"{node.api_version}, Kind={node.kind}"
            raise MoveError(f"resource is not ready to move: {kind}/{node.namespace}/{node.name}")
        job.log.say("Resource is ready to move", *_identity(node), level=5)

    await job.retry(BLOCK_MOVE, look)


def _identity(node: GraphNode) -> list[tuple[str, Body]]:
    group, kind = node.group_kind
    version = node.api_version.rpartition("/")[2]
    return [
        ("apiVersion", {"Group": group, "Version": version, "Kind": kind}),
        ("resource", {"name": node.name, "namespace": node.namespace}),
    ]
