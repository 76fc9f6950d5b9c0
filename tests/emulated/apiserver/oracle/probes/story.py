"""One story of many requests to one namespace, each a probe: what a later one finds is what the earlier ones left."""

from tests.emulated.apiserver.oracle.asking import Probe, Step
from tests.emulated.apiserver.probes import PROBES as STORY

PROBES = tuple(Probe(f"story: {one.name}", (Step(one.method, one.path, one.body, one.type, one.headers),)) for one in STORY)
