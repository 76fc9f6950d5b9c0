"""The simulated Metal3 infrastructure provider (CAPM3 >= 1.14): clusters, machines, data, and the pausing of hosts."""
