"""ipmitool as a test calls it."""

import os
import re

from tests.bmc.ipmi.serving import CREDENTIALS, Bmc, run

ENVIRONMENT = {**os.environ, "IPMI_PASSWORD": CREDENTIALS.password, "TZ": "UTC"}
LOGIN = ("-I", "lanplus", "-H", "127.0.0.1", "-U", CREDENTIALS.username, "-E", "-R", "1", "-N", "1")


class Ipmitool:
    """Called with a line of arguments, it says what ipmitool says, its spaces made one; `fails` where it must not succeed."""

    def __init__(self, bmc: Bmc) -> None:
        self.bmc = bmc

    async def __call__(self, line: str, *, fails: bool = False) -> str:
        status, output = await run("ipmitool", *LOGIN, "-p", str(self.bmc.port), *line.split(), environment=ENVIRONMENT)
        assert (status != 0) == fails, output
        return re.sub(r" +", " ", output)
