"""Stopping and starting an Ironic, by whatever it runs as: a Deployment, or an Ironic of ironic-standalone-operator."""

from functools import partial

from harness.bench.bench import Bench
from harness.errors import StepFailedError
from harness.journal.facts import Body, Side, WriteIntended
from harness.lab.created import DeleteCreated
from harness.lab.undo import Undo, UndoAccess, undo_as, unless
from harness.world.ironic.pods import is_pod_of_ironic, living_pods
from harness.world.ironic.presence import answers

IRONICS_PATH = "/apis/ironic.metal3.io/v1alpha1/namespaces/{namespace}/ironics"


class CreateDeleted(Undo, frozen=True, kw_only=True, tag="create"):
    """The object that was deleted is created again, in its collection."""

    cluster: str
    path: str
    body: Body

    async def undo(self, access: UndoAccess) -> None:
        """Create it, where it is not there."""
        await unless(409, lambda: access.clusters[self.cluster].create(self.path, self.body))


async def stop_ironic(bench: Bench, side: Side) -> str:
    """Stop it, and wait until its API no longer answers and its Pods are gone: a terminating Pod may still act.

    Its logs are kept before; what was kept is told.
    """
    runs_as = bench.ironic_runs_as(side)
    said = await bench.keep_logs(side, runs_as.namespace, partial(is_pod_of_ironic, name=runs_as.name))
    if runs_as.kind == "deployment":
        await bench.scale(side, f"{runs_as.namespace}/{runs_as.name}", 0)
    else:
        await _delete(bench, side, runs_as.namespace, runs_as.name)
    await bench.until(
        lambda world: answers(world, side) is False and not living_pods(world, side),
        bench.limits.ironic_seconds,
        f"the Ironic of the {side} to stop answering",
    )
    return said


async def start_ironic(bench: Bench, side: Side) -> None:
    """Start it and wait until it answers."""
    runs_as = bench.ironic_runs_as(side)
    if runs_as.kind == "deployment":
        await bench.scale(side, f"{runs_as.namespace}/{runs_as.name}", 1)
    else:
        await _create(bench, side, runs_as.namespace, runs_as.name)
    limit = bench.limits.ironic_seconds
    await bench.until(lambda world: answers(world, side) is True, limit, f"the Ironic of the {side} to answer")


async def _delete(bench: Bench, side: Side, namespace: str, name: str) -> None:
    collection = IRONICS_PATH.format(namespace=namespace)
    body = await bench.ask(bench.clusters[side].get_json(f"{collection}/{name}"))
    undo = CreateDeleted(cluster=side, path=collection, body=_fresh(body))
    async with bench.writing(f"cluster {side}", f"delete the Ironic {namespace}/{name}", undo=undo):
        await bench.ask(bench.clusters[side].delete(f"{collection}/{name}"))


async def _create(bench: Bench, side: Side, namespace: str, name: str) -> None:
    """Make again the Ironic that an earlier step deleted on this side or, as the template, on the other one."""
    collection = IRONICS_PATH.format(namespace=namespace)
    writes = [entry.fact for entry in bench.world.writes if isinstance(entry.fact, WriteIntended)]
    deleted = [it for write in writes if (it := undo_as(write.undo, CreateDeleted)) and it.path.endswith("/ironics")]
    template = deleted[-1].body if deleted else None
    if answers(bench.world, side):
        return
    if template is None:
        raise StepFailedError(
            f"the {side} has no Ironic {namespace}/{name}, and none was stopped before that could be made again"
        )
    body = {**template, "metadata": {**template["metadata"], "name": name, "namespace": namespace}}
    undo = DeleteCreated(cluster=side, path=f"{collection}/{name}")
    async with bench.writing(f"cluster {side}", f"create the Ironic {namespace}/{name}", undo=undo):
        await bench.ask(bench.clusters[side].create(collection, body))


def _fresh(body: Body) -> Body:
    """The body without server-set fields, so that it can be created again."""
    metadata = {
        name: body["metadata"][name] for name in ("name", "namespace", "labels", "annotations") if body["metadata"].get(name)
    }
    return {name: body[name] for name in ("apiVersion", "kind", "spec") if name in body} | {"metadata": metadata}
