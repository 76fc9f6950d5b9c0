"""Real components as plain processes: pinned, built once a machine, started on loopback addresses, and gone with the lab."""
