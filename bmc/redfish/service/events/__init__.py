"""The emulated EventService."""
