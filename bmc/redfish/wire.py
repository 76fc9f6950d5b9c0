"""Names on the wire that the client and the emulated service share."""

ROOT = "/redfish/v1"
REQUESTS_LOG = "Requests"
"""Id of the LogService, under a Manager, that holds the requests made to the BMC."""

MESSAGE_FIELDS = ("address", "user_agent", "user", "method", "path", "status", "body")
"""What the `MessageArgs` of one entry of that log hold, in order; all are strings."""
