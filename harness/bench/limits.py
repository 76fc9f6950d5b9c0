"""How long steps and faults wait for what they did to be seen."""

import msgspec


class BenchLimits(msgspec.Struct, frozen=True):
    """Every wait of a bench that a scenario does not give by `within:`."""

    fault_seen_seconds: float = 30.0
    """Until our own watchers see a fault; longer than one request to a BMC may take in a real lab."""
    operator_stop_seconds: float = 120.0
    operator_start_seconds: float = 300.0
    ironic_seconds: float = 600.0
    """Until an Ironic answers, or answers no more and its Pods are gone."""
