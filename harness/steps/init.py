"""Make a management cluster of a bare one: providers, Baremetal Operator, Ironic, and the labels by which clusterctl moves hosts.

Applied are the files of the lab file's `init`; what is there already stays as it is, and is told. Where no file is named, it must be there.
`ironic: false` leaves Ironic to `install_ironic`, for when the source's has gone. It is undone only as long as no move has begun.
"""

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.lab.manifests import Manifest
from harness.steps import install_bmo, install_ironic, label_definitions
from harness.steps.install_bmo import apply, has_deployment, named, served_path
from harness.steps.provision import create, exists

PROVIDERS = ("capi-controller-manager", "capm3-controller-manager")
"""The Deployments of those whom a move needs, as their releases name them."""


async def step(bench: Bench, *, cluster: Side = "target", ironic: bool = True) -> str:
    """Bring it all, in the order of upstream's playbooks: namespace, providers, operator, Ironic, labels in both clusters."""
    await bench.require(cluster)
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": bench.namespace}}
    namespace = Manifest("", "v1", "Namespace", "", bench.namespace, body)
    place = await served_path(bench, cluster, namespace)
    if not await exists(bench, cluster, place):
        await create(bench, cluster, namespace, place)
    said = [await providers(bench, cluster)]
    said.append(await install_bmo.step(bench, cluster=cluster))
    if ironic:
        said.append(await install_ironic.step(bench, cluster=cluster))
    await label_definitions.step(bench)
    return "; ".join(each for each in said if each)


async def providers(bench: Bench, cluster: Side) -> str:
    """Apply clusterctl's providers; where the lab file names no file, they run already. UsageError where they do not."""
    if bench.lab.init.providers is None and all(has_deployment(bench, cluster, name) for name in PROVIDERS):
        return "the providers were there already"
    return await apply(bench, cluster, named(bench, "providers", bench.lab.init.providers))
