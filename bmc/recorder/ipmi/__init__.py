"""The recorder before an IPMI BMC: it reads the sessions that pass through it."""
