"""pyghmi's own server, unmended, as virtualbmc is one: it answers SHA-1 whatever is proposed, and knows power and boot device only."""

import os
import sys

from pyghmi.ipmi.bmc import Bmc


class StockBmc(Bmc):
    power = "on"
    device = "default"

    def get_power_state(self):
        return self.power

    def power_off(self):
        self.power = "off"

    def power_on(self):
        self.power = "on"

    def get_boot_device(self):
        return self.device

    def set_boot_device(self, device):
        self.device = device


if __name__ == "__main__":
    bmc = StockBmc({os.environ["BMC_USER"]: os.environ["BMC_PASSWORD"]}, port=0, address="127.0.0.1")
    bmc.port = bmc.serversocket.getsockname()[1]
    sys.stdout.write(f"{bmc.port}\n")
    sys.stdout.flush()
    bmc.listen()
