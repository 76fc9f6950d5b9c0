"""Personalities of emulated BMCs: one file a vendor, each after the answers of one real machine.

Each shows exactly the marks of resets that its family shows, with its lies; so what cannot be seen on a real BMC cannot be seen here.
"""

from bmc.redfish.personality import ami, dell, hpe, lenovo, openbmc, plain, supermicro
from bmc.redfish.personality.family import Personality

PERSONALITIES: dict[str, Personality] = {
    each.name: each
    for each in (
        plain.PERSONALITY,
        dell.PERSONALITY,
        dell.WITHOUT_TIME,
        hpe.PERSONALITY,
        lenovo.PERSONALITY,
        supermicro.PERSONALITY,
        openbmc.PERSONALITY,
        ami.PERSONALITY,
    )
}
"""By name; `plain` is the default everywhere."""
