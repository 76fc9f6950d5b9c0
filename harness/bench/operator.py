"""Stop and start a Baremetal Operator, with the webhooks by which it judges every write to a BareMetalHost.

The webhooks stay behind when the operator is scaled to nothing, and an API server that cannot call one refuses the write: a move would
fail half-way. So for as long as the operator is stopped, their failure policy is `Ignore`.
"""

from harness.bench.bench import Bench, replicas_of
from harness.journal.facts import Body, Side, WriteIntended, WriteUndone
from harness.lab.undo import Undo, UndoAccess, undo_as, unless

CONFIGURATIONS = tuple(
    f"/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations" for kind in ("validating", "mutating")
)
GROUP = "metal3.io"
STRICT, LENIENT = "Fail", "Ignore"


class PatchBack(Undo, frozen=True, kw_only=True, tag="patch"):
    """The object gets back what a JSON patch had replaced."""

    cluster: str
    path: str
    operations: list[Body]

    async def undo(self, access: UndoAccess) -> None:
        """Patch it, where it is still there."""
        await unless(404, lambda: access.clusters[self.cluster].patch_json(self.path, self.operations))


async def stop_operator(bench: Bench, side: Side) -> str:
    """Relax its webhooks, scale its Deployment to 0, and wait until no replica is left. Raises StepFailedError.

    Its logs are kept before; what was kept is told.
    """
    deployment = bench.bmo_deployment(side)
    namespace, _, name = deployment.partition("/")
    said = await bench.keep_logs(side, namespace, lambda pod: str(pod["metadata"]["name"]).startswith(f"{name}-"))
    await relax_webhooks(bench, side)
    await bench.scale(side, deployment, 0)
    limit = bench.limits.operator_stop_seconds
    await bench.until(lambda world: not replicas_of(world, side, deployment), limit, f"{deployment} in the {side} to stop")
    return said


async def start_operator(bench: Bench, side: Side) -> None:
    """Scale its Deployment to 1, wait until it is available, and restore its webhooks. Raises StepFailedError."""
    deployment = bench.bmo_deployment(side)
    await bench.scale(side, deployment, 1)
    limit = bench.limits.operator_start_seconds
    await bench.until(lambda world: bool(replicas_of(world, side, deployment)), limit, f"{deployment} in the {side}")
    await restore_webhooks(bench, side)


async def relax_webhooks(bench: Bench, side: Side) -> None:
    """Set the failurePolicy of the operator's webhooks to `Ignore`; each write is journaled with its undo."""
    for collection in CONFIGURATIONS:
        listed = await bench.ask(bench.clusters[side].get_json(collection))
        for configuration in listed.get("items") or ():
            hooks = [number for number, hook in enumerate(configuration.get("webhooks") or ()) if _judges_hosts(hook)]
            if hooks:
                await _relax(bench, side, f"{collection}/{configuration['metadata']['name']}", hooks)


async def _relax(bench: Bench, side: Side, path: str, hooks: list[int]) -> None:
    name = path.rpartition("/")[2]
    undo = PatchBack(cluster=side, path=path, operations=_policies(hooks, STRICT))
    async with bench.writing(f"cluster {side}", f"let pass what {name} cannot judge", undo=undo):
        await bench.ask(bench.clusters[side].patch_json(path, _policies(hooks, LENIENT)))


async def restore_webhooks(bench: Bench, side: Side) -> None:
    """Set the failurePolicy of relaxed webhooks back to `Fail`."""
    for write, undo in _relaxed(bench, side).items():
        await bench.ask(bench.clusters[side].patch_json(undo.path, undo.operations))
        bench.undone(write, "the operator judges again")


def _relaxed(bench: Bench, side: Side) -> dict[str, PatchBack]:
    """The relaxations that are still in force: write name -> undo."""
    found: dict[str, PatchBack] = {}
    for entry in bench.world.writes:
        match entry.fact:
            case WriteIntended(write=write, undo=body) if (undo := undo_as(body, PatchBack)) and undo.cluster == side:
                found[write] = undo
            case WriteUndone(write=write):
                found.pop(write, None)
            case _:
                pass
    return found


def _policies(hooks: list[int], policy: str) -> list[Body]:
    return [{"op": "replace", "path": f"/webhooks/{number}/failurePolicy", "value": policy} for number in hooks]


def _judges_hosts(hook: Body) -> bool:
    groups = {group for rule in hook.get("rules") or () for group in rule.get("apiGroups") or ()}
    return GROUP in groups and hook.get("failurePolicy") != LENIENT
