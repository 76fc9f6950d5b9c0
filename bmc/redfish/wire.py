"""Names on the wire that the client and the emulated service share."""

ROOT = "/redfish/v1"
REQUESTS_LOG = "Requests"
"""Id of the LogService, under a Manager, that holds the requests made to the BMC."""

MESSAGE_FIELDS = ("address", "user_agent", "user", "method", "path", "status", "body")
"""What the `MessageArgs` of one entry of that log hold, in order; all are strings."""


def utf8(data: bytes) -> bytes:
    """The same bytes where they are UTF-8, else with what is not replaced: one odd byte in an asset tag must not hide a server."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode(errors="replace").encode()
    return data
