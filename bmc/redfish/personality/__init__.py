"""Personalities of emulated BMCs: one file a vendor, each after the answers of one real machine.

Each shows exactly the marks of resets that its family shows, with its lies; so what cannot be seen on a real BMC cannot be seen here.
To add one, add a file with a `PERSONALITY` of the file's name (see `bmc.redfish.vendor`); a lab file names it by that.
"""

import sys

from bmc.plugins import Plugins
from bmc.redfish.vendor import Personality

PERSONALITIES = Plugins(sys.modules[__name__], "PERSONALITY", Personality)
"""By name; `emulated` is the default everywhere, and `plain` shows nothing."""
