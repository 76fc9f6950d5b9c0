"""The emulated ComputerSystem and what belongs to it."""
