"""The same iDRAC9 on a machine where it lies: `LastResetTime` is `0000-00-00T00:00:00+00:00` for ever."""

from dataclasses import replace

from bmc.redfish.history import History
from bmc.redfish.personality import dell
from bmc.redfish.vendor import Body


def _marks(_history: History) -> Body:
    return {"LastResetTime": "0000-00-00T00:00:00+00:00", "Oem": dell.dell_oem()}


PERSONALITY = replace(dell.PERSONALITY, name="dell_without_time", marks=_marks)
