"""The Redfish protocol: observe a BMC, act on it, emulate one."""
