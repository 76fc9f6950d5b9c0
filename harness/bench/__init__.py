"""A lab switched on: connections, watchers, writes with their undo, and what steps and faults share."""
