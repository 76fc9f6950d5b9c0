"""What each reset does to a server that runs: its power afterwards, and how often it booted anew; over either protocol."""

RESETS = [
    ("ForceOff", "Off", 0),
    ("GracefulShutdown", "Off", 0),
    ("ForceRestart", "On", 1),
    ("PowerCycle", "On", 1),
    ("Nmi", "On", 0),
]
