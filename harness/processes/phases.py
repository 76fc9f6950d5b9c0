"""What is being started, in words: which programs, of which release, for which clusters."""

from collections.abc import Mapping

from harness.processes.parts.manager import DEPLOYMENTS
from harness.processes.settings import ComponentProgram

Programs = Mapping[str, Mapping[str, ComponentProgram]]
"""Cluster -> component -> program."""


def servers(programs: Programs) -> str:
    """The API servers and their stores."""
    return f"starting {_listed(programs, ('etcd', 'kube-apiserver'))}"


def controllers(programs: Programs) -> str:
    """What collects garbage in both management clusters."""
    return f"starting {_listed(programs, ('kube-controller-manager', 'collector'))}"


def parts(programs: Programs) -> str:
    """Everything that follows: objects, managers, Ironics, BMCs."""
    real = _listed(programs, tuple(DEPLOYMENTS))
    return f"filling the clusters; starting {f'{real}; the rest is emulated' if real else 'the emulated parts'}"


def _listed(programs: Programs, names: tuple[str, ...]) -> str:
    return ", ".join(_named(programs, name) for name in names if any(name in each for each in programs.values()))


def _named(programs: Programs, name: str) -> str:
    """A program with its release, or its path; where clusters differ, with those that have it."""
    clusters: dict[str, list[str]] = {}
    for cluster, each in programs.items():
        if name in each:
            clusters.setdefault(each[name].release or str(each[name].path), []).append(cluster)
    if len(clusters) == 1:
        return f"{name} {next(iter(clusters))}"
    return f"{name} " + ", ".join(f"{release} ({', '.join(where)})" for release, where in clusters.items())
