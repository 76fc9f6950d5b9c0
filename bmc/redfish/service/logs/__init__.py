"""The emulated LogServices, and the log of requests."""
