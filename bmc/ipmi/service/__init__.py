"""The parts of the emulated IPMI BMC."""
