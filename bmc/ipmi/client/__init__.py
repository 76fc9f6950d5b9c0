"""pyghmi's client, on one thread, one session at a time."""
