"""What somebody applies to make a management cluster of a bare one, in the files of `lab.yaml`'s `init`.

Providers as `clusterctl init` brings them, the Baremetal Operator as its own manifests do (so its definitions bear none of clusterctl's
labels), and Ironic.
"""

from collections.abc import Iterable, Mapping

from harness.emulated.kube import crds
from harness.emulated.kube.client import Json
from harness.emulated.kube.resources import HOSTS
from harness.emulated.programs.manifests import ComponentManifests, check_versions, merged
from harness.emulated.seed import steady


def components(
    provided: Iterable[ComponentManifests], releases: Mapping[str, str], *, kubeadm: bool = False
) -> dict[str, list[Json]]:
    """The objects of each file, in the order to apply them."""
    theirs = [definition for manifests in provided for definition in manifests.definitions()]
    definitions = merged(crds.definitions(kubeadm=kubeadm), theirs)
    check_versions(definitions, steady.CUSTOM)
    bare_metal = [each for each in definitions if each["spec"]["group"] == HOSTS.group]
    others = [each for each in definitions if each not in bare_metal]
    managers = [steady.deployment(*each, replicas=1) for each in steady.managers(kubeadm=kubeadm)]
    places = steady.provider_namespaces(kubeadm=kubeadm)
    return {
        "providers": [*map(steady.namespace, places), *others, *steady.inventory(releases, kubeadm=kubeadm), *managers],
        "bmo": [
            steady.namespace(steady.BARE_METAL_NAMESPACE),
            *map(_unlabelled, bare_metal),
            steady.deployment(*steady.BMO, replicas=1),
        ],
        "ironic": [steady.namespace(steady.BARE_METAL_NAMESPACE), steady.deployment(*steady.IRONIC, replicas=1)],
    }


def _unlabelled(definition: Json) -> Json:
    """As upstream ships it: whoever moves hosts puts the labels there."""
    meta = definition["metadata"]
    kept = {key: value for key, value in meta.get("labels", {}).items() if not key.startswith(crds.DISCOVERY)}
    return {**definition, "metadata": {**meta, "labels": kept}}
