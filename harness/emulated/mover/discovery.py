"""Reading the source: what there is to move, and whether it may be moved now."""

from collections.abc import Iterator

from harness.emulated.mover.api.backoff import READ
from harness.emulated.mover.contact import DEFINITION, providers
from harness.emulated.mover.errors import MoveApiError, MoveError, raise_all, wrapped
from harness.emulated.mover.graph import (
    CLUSTER,
    CLUSTER_CLASS,
    DISCOVERED,
    MACHINE,
    Body,
    Graph,
    GraphNode,
    MovableType,
    class_of,
    movable_types,
)
from harness.emulated.mover.job import CORE, PAUSED, Job


async def discover(job: Job) -> Graph:
    """The graph of one namespace, checked: every cluster provisioned, every machine with a node (not in a dry run)."""
    graph = await _read(job)
    if not job.dry_run:
        with wrapped("failed to check for provisioned infrastructure"):
            await _check_provisioned(job, graph)
    for node in graph:
        if node.virtual:
            why = "Object won't be moved because it's not included in GVK considered for move"
            job.log.say(why, ("kind", node.kind), ("name", node.name), level=5)
    return graph


async def _read(job: Job) -> Graph:
    async def definitions() -> list[Body]:
        return await job.source.operation().items(*DEFINITION, labelSelector=DISCOVERED)

    with wrapped("failed to retrieve discovery types"):
        types = movable_types(await job.retry(READ, definitions))
    job.order.shuffle(types)
    graph = Graph(types)
    classes: dict[tuple[str, str], None] = {}
    for movable in types:
        for body in await _of_type(job, movable):
            graph.add(body)
            reference = class_of(body) if body["kind"] == "Cluster" and body["apiVersion"] == CORE else None
            if reference and reference[0] != job.namespace:
                classes[reference] = None
    for place, name in classes:
        await _add_class(job, graph, place, name)
    job.log.say("Total objects", ("count", len(graph)), level=1)
    for name in graph.close(job.namespace, await _all_clusters(job)):
        job.log.say("Excluding secret from move (not linked with any Cluster)", ("name", name), level=5)
    return graph


async def _of_type(job: Job, movable: MovableType) -> list[Body]:
    found = await _in_namespace(job, movable, job.namespace if movable.namespaced else "")
    if (movable.api_version, movable.kind) == ("v1", "Secret"):
        for provider in await providers(job.source, job.retry):
            if provider.get("type") == "InfrastructureProvider":
                found += await _in_namespace(job, movable, provider["metadata"]["namespace"])
    if found:
        job.log.say(movable.kind, ("count", len(found)), level=5)
    return found


async def _in_namespace(job: Job, movable: MovableType, namespace: str) -> list[Body]:
    async def listing() -> list[Body]:
        try:
            return await job.source.operation().items(movable.api_version, movable.kind, namespace)
        except MoveApiError as error:
            if error.status == 404:
                return []
            with wrapped(f'failed to list "{movable.api_version}, Kind={movable.kind}List" resources'):
                raise

    return await job.retry(READ, listing)


async def _add_class(job: Job, graph: Graph, namespace: str, name: str) -> None:
    """A ClusterClass of another namespace comes along with the templates it names."""

    async def read() -> list[Body]:
        body = await job.source.operation().get(CORE, "ClusterClass", namespace, name)
        return [body, *[await _template(job, namespace, one) for one in _template_references(body["spec"])]]

    with wrapped("failed to fetch ClusterClass references"):
        for body in await job.retry(READ, read):
            graph.add(body)


async def _template(job: Job, namespace: str, reference: Body) -> Body:
    return await job.source.operation().get(reference["apiVersion"], reference["kind"], namespace, reference["name"])


def _template_references(spec: Body) -> Iterator[Body]:
    workers, control_plane = spec.get("workers") or {}, spec.get("controlPlane") or {}
    parts = [spec.get("infrastructure"), control_plane, control_plane.get("machineInfrastructure")]
    for classed in [*(workers.get("machineDeployments") or []), *(workers.get("machinePools") or [])]:
        parts += [classed.get("infrastructure"), classed.get("bootstrap")]
    for part in parts:
        if part and part.get("templateRef"):
            yield part["templateRef"]


async def _all_clusters(job: Job) -> list[Body]:
    async def listing() -> list[Body]:
        return await job.source.operation().items(CORE, "Cluster")

    return await job.retry(READ, listing)


async def _check_provisioned(job: Job, graph: Graph) -> None:
    errors: list[Exception] = []
    for node in graph.of(CLUSTER):
        errors += _cluster_errors(await _typed(job, node, "Cluster"))
    for node in graph.of(MACHINE):
        body = await _typed(job, node, "Machine")
        if not (body.get("status", {}).get("nodeRef") or {}).get("name"):
            errors.append(_not_yet(f"while {_object_reference(body)} is still provisioning the node"))
    raise_all(errors)


async def _typed(job: Job, node: GraphNode, kind: str) -> Body:
    async def read() -> Body:
        with wrapped(f"error reading {kind} /"):
            if not node.namespace:
                raise MoveError("an empty namespace may not be set when a resource name is provided")
            return await job.source.operation().get(CORE, kind, node.namespace, node.name)

    return await job.retry(READ, read)


def _cluster_errors(body: Body) -> list[Exception]:
    status = body.get("status") or {}
    begun = status.get("initialization") or {}
    if not begun.get("infrastructureProvisioned"):
        return [_not_yet(f"while {_object_reference(body)} is still provisioning the infrastructure")]
    conditions = {one.get("type"): one.get("status") for one in status.get("conditions") or []}
    has_control_plane = any((body["spec"].get("controlPlaneRef") or {}).values())
    initialized = begun.get("controlPlaneInitialized") or not has_control_plane
    if conditions.get("ControlPlaneInitialized") != "True" or not initialized:
        return [_not_yet(f"while the control plane for {_object_reference(body)} is not yet initialized")]
    return []


def _not_yet(why: str) -> MoveError:
    return MoveError(f"cannot start the move operation {why}")


def _object_reference(body: Body) -> str:
    # A typed read has no kind left to print: upstream's messages show the hole, and so do ours.
    return f'"/, Kind=" {body["metadata"].get("namespace", "")}/{body["metadata"]["name"]}'


async def check_not_paused(job: Job, graph: Graph) -> None:
    """MoveError where a Cluster or ClusterClass is paused already: somebody wants it left alone."""
    for group_kind, plural in ((CLUSTER, "Clusters"), (CLUSTER_CLASS, "ClusterClasses")):
        nodes = graph.of(group_kind)
        paused = []
        for node in nodes:
            body = await job.source.operation().get(CORE, node.kind, node.namespace, node.name)
            if body["spec"].get("paused") or PAUSED in (body["metadata"].get("annotations") or {}):
                paused.append(f"{node.namespace}/{node.name}")
        if paused:
            raise MoveError(f"cannot start operation while the following {plural} are paused: {', '.join(paused)}")
        job.log.say("Moving Cluster API objects", (plural, len(nodes)))
