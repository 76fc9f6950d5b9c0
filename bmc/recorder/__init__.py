"""The flight recorder: a reverse proxy before Redfish BMCs that writes down every request before it passes, and can inject faults."""
