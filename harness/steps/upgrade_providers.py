"""Upgrade the providers of clusterctl in one cluster: apply the lab file's `upgrade: {providers: FILE}`, and wait until they are available.

Core, bootstrap, control plane, infrastructure and IPAM, as `clusterctl upgrade apply` does: both clusters need it, one after the other, as
clusterctl moves nothing into a cluster whose providers are older. Refused, with nothing applied, where a provider is of that version
already, or of a higher one. Nothing goes back to an older version by itself.
"""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from harness.bench.bench import Bench
from harness.errors import UndoError, UsageError
from harness.journal.facts import Body, Side
from harness.lab.manifests import Manifest, components_of
from harness.lab.undo import Undo, UndoAccess
from harness.steps.install_bmo import served_path, until_available
from harness.steps.provision import create, exists

VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?")
CHANGED = ("spec", "version")
"""What of an object that is there already is changed by what is written down."""


class Downgraded(Undo, frozen=True, kw_only=True, tag="downgraded"):
    """What was upgraded is not taken back to an older version."""

    what: str

    @property
    def touches_no_owner(self) -> bool:
        """It is told at any time, and nothing is done."""
        return True

    async def undo(self, access: UndoAccess) -> None:
        """Say so."""
        del access
        raise UndoError(
            f"{self.what} was being upgraded when the run ended, and nothing goes back to an older version; upgrade it again"
        )


async def step(bench: Bench, *, cluster: Side = "target") -> None:
    """Upgrade them in this cluster."""
    manifests = await written(bench, "providers", bench.lab.upgrade.providers)
    for manifest in manifests:
        if manifest.kind == "Provider":
            there = await body_of(bench, cluster, manifest)
            refuse_no_higher(manifest, str((there or {}).get("version") or ""), str(manifest.body.get("version") or ""), cluster)
    await change(bench, cluster, manifests)


async def written(bench: Bench, key: str, path: Path | None) -> list[Manifest]:
    """The objects of the file that the lab file names. UsageError where it names none."""
    if path is None:
        cure = f"name there what you would apply by hand, as `upgrade: {{{key}: FILE}}`"
        raise UsageError(f"{bench.lab.path}: `upgrade.{key}` is missing, so nothing can be upgraded by it; {cure}")
    return await asyncio.to_thread(components_of, path)


async def body_of(bench: Bench, side: Side, manifest: Manifest) -> Body | None:
    """The object as it is in this cluster; None where it is not there."""
    place = await served_path(bench, side, manifest)
    return await bench.ask(bench.clusters[side].get_json(place)) if await exists(bench, side, place) else None


def refuse_no_higher(manifest: Manifest, there: str, wanted: str, side: Side) -> None:
    """UsageError where an upgrade would go to the same version or a lower one, or where nothing is there to be upgraded."""
    if not there:
        raise UsageError(f"there is no {manifest} in the {side} that could be upgraded; install or provision it first")
    now, then = number(there), number(wanted)
    if now is None or then is None:
        raise UsageError(f"{manifest} is to be upgraded from `{there}` to `{wanted}`, and one of them is no version like v1.2.3")
    if then <= now:
        kind = "the same version" if then == now else "a lower version"
        raise UsageError(f"{manifest} is at {there} in the {side}, and {wanted} is {kind}; an upgrade goes to a higher one")


def number(version: str) -> tuple[int, ...] | None:
    """The three numbers of a version like v1.2.3; None where it is none."""
    found = VERSION.fullmatch(version)
    return tuple(int(each) for each in found.groups()) if found else None


async def change(bench: Bench, side: Side, manifests: Sequence[Manifest]) -> None:
    """Create what is not there yet, change what is, and wait until all its Deployments are available."""
    writes = [write for manifest in manifests if (write := await apply_one(bench, side, manifest))]
    await until_available(bench, side, [each for each in manifests if each.kind == "Deployment"])
    for write in writes:
        bench.undone(write, "it is upgraded, as was wanted")


async def apply_one(bench: Bench, side: Side, manifest: Manifest) -> str:
    """Change one object, or create it; the name of the write, empty where it was created."""
    place = await served_path(bench, side, manifest)
    if not await exists(bench, side, place):
        await create(bench, side, manifest, place)
        return ""
    patch = {key: manifest.body[key] for key in CHANGED if key in manifest.body}
    async with bench.writing(f"cluster {side}", f"upgrade {manifest}", undo=Downgraded(what=str(manifest))) as write:
        await bench.ask(bench.clusters[side].patch_merge(place, patch))
    return write
