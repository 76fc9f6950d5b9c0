"""The logs of a cluster's containers, before whoever runs in them is removed."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from bmc.masking.text import masked
from harness.journal.facts import Body
from harness.kube.absent import list_if_served
from harness.kube.cluster import KubeCluster

LINES_MAX = 20_000
"""So many last lines of each are read."""


KEY_BEGINS, KEY_ENDS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")


class ContainerLog(NamedTuple):
    """What one container said; `says` tells why it cannot be read, where it cannot."""

    pod: str
    container: str
    text: str
    says: str = ""


async def container_logs(cluster: KubeCluster, namespace: str, is_wanted: Callable[[Body], bool]) -> AsyncIterator[ContainerLog]:
    """The logs of the containers of these Pods, one after the other. Raises ClusterError where nobody answers."""
    for pod in await list_if_served(cluster, f"/api/v1/namespaces/{namespace}/pods"):
        if not is_wanted(pod):
            continue
        spec, name = pod.get("spec") or {}, str(pod["metadata"]["name"])
        for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
            yield await _log_of(cluster, namespace, name, str(container["name"]))


def masked_lines(text: str) -> Iterator[str]:
    """The lines of a log without secrets; one by one, so that nobody waits for a long text, and of a key that has many none is told."""
    in_key = False
    for line in text.splitlines():
        begins = in_key or bool(KEY_BEGINS.search(line))
        if not in_key:
            yield f"{masked(line)}\n"
        in_key = begins and not KEY_ENDS.search(line)


async def _log_of(cluster: KubeCluster, namespace: str, pod: str, container: str) -> ContainerLog:
    query = urlencode({"container": container, "tailLines": LINES_MAX})
    answer, told = await cluster.forward("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}/log?{query}", {}, b"")
    if answer.status != 200:
        return ContainerLog(pod, container, "", f"the log of {pod}/{container} was not given ({answer.status})")
    return ContainerLog(pod, container, told.decode(errors="replace"))
