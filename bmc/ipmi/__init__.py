"""IPMI over LAN: observe, act, emulate. The only place that knows pyghmi."""
