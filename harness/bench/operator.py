"""The webhooks by which a Baremetal Operator judges every write to a BareMetalHost, while it is stopped.

They stay behind when it is scaled to nothing, and an API server that cannot call one refuses the write: a move would fail half-way. So
they are told to let pass what cannot be judged for as long as their operator is stopped.
"""

from harness.bench.bench import Bench
from harness.journal.facts import Body, Side, WriteIntended, WriteUndone

CONFIGURATIONS = tuple(
    f"/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations" for kind in ("validating", "mutating")
)
GROUP = "metal3.io"
STRICT, LENIENT = "Fail", "Ignore"


async def let_pass(bench: Bench, side: Side) -> None:
    """Have the API server of this side take what the operator's webhooks cannot judge."""
    for collection in CONFIGURATIONS:
        listed = await bench.ask(bench.clusters[side].get_json(collection))
        for configuration in listed.get("items") or ():
            hooks = [number for number, hook in enumerate(configuration.get("webhooks") or ()) if _judges_hosts(hook)]
            if hooks:
                await _soften(bench, side, f"{collection}/{configuration['metadata']['name']}", hooks)


async def _soften(bench: Bench, side: Side, path: str, hooks: list[int]) -> None:
    name = path.rpartition("/")[2]
    undo = {"do": "patch", "cluster": side, "path": path, "operations": _policies(hooks, STRICT)}
    async with bench.writing(f"cluster {side}", f"let pass what {name} cannot judge", undo=undo):
        await bench.ask(bench.clusters[side].patch_json(path, _policies(hooks, LENIENT)))


async def judge_again(bench: Bench, side: Side) -> None:
    """Make them as strict as they were."""
    for write, undo in _let_pass(bench, side).items():
        await bench.ask(bench.clusters[side].patch_json(undo["path"], undo["operations"]))
        bench.undone(write, "the operator judges again")


def _let_pass(bench: Bench, side: Side) -> dict[str, Body]:
    """Undo by write: what is not taken back yet."""
    found: dict[str, Body] = {}
    for entry in bench.world.writes:
        match entry.fact:
            case WriteIntended(write=write, undo={"do": "patch", "cluster": str(cluster)} as undo) if cluster == side:
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
