"""The only exception that talking to a BMC raises."""

from typing import Literal

ErrorKind = Literal[
    "address",
    "unreachable",
    "timeout",
    "dropped",
    "tls",
    "auth",
    "forbidden",
    "missing",
    "busy",
    "status",
    "content",
    "refused",
]
Blame = Literal["us", "network", "bmc"]


class BmcError(Exception):
    """A BMC could not be read, or did not carry out an action.

    `kind`: `address` (cannot be understood), `unreachable` (no connection), `timeout` (no answer within the deadline),
    `dropped` (the connection broke within an answer), `tls` (its certificate is not trusted, or no handshake), `auth` (401: it does
    not accept the credentials), `forbidden` (403: it accepts them, and does not show or do this for them), `missing` (404), `busy`
    (429, 503: not now), `status` (any other HTTP error), `content` (the answer is no JSON object, or too long), `refused` (an action
    was declined).
    `blame`: where to look first: our lab file, the network, or the BMC. `says`: one sentence for people, never a secret in it.
    """

    def __init__(self, *, kind: ErrorKind, blame: Blame, says: str) -> None:
        super().__init__(says)
        self.kind: ErrorKind = kind
        self.blame: Blame = blame
        self.says = says
