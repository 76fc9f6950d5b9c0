"""The parts of the emulated Redfish service."""
