"""Emulated servers behind the emulated BMCs: what their power boots, what is on their disk, and the Node they register."""

from harness.emulated.servers.disk import Disk
from harness.emulated.servers.server import BareMetalServer

__all__ = ["BareMetalServer", "Disk"]
