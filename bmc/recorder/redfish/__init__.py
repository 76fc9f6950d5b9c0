"""The recorder before a Redfish BMC."""
