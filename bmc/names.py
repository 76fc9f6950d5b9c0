"""The names that ours go by on the wire, whichever protocol carries them."""

OEM = "MetalPivot"
"""Name of our own object under `Oem`: `ResetCount` counts cold and warm resets of a ComputerSystem."""

USER_AGENT = "metal3-pivot-harness"
"""How the observer names itself; nobody else of ours uses exactly this."""

ACTOR_USER_AGENT = "metal3-pivot-harness/actor"

PROBE_USER_AGENT = f"{USER_AGENT}/probe"
"""How our probes of the network name themselves: they call from the address of a side's Ironic, and must not be taken for it."""
