"""Marks of tests that switch on labs of real components, one lab at a time."""

import pytest

from harness.lab.versions import pinned
from harness.processes.parts.ironic_start import image_maker
from harness.processes.programs import build, ironic

RUN_SECONDS = 900
NEEDED = [pinned(name) for name in ("etcd", "kube-apiserver", "clusterctl", "collector", "capi")]

REAL_LAB = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.timeout(RUN_SECONDS),
    pytest.mark.skipif(bool(build.missing(NEEDED)), reason="the pinned components are not built; `harness lab up` builds them"),
    pytest.mark.xdist_group("real-lab"),
]
WITH_IRONIC = [
    *REAL_LAB,
    pytest.mark.skipif(not (ironic.is_installed(build.kept()) and image_maker()), reason="Ironic is not installed, or mkisofs"),
]
