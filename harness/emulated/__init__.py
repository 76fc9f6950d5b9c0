"""The embedded lab: what a pivot needs, emulated, in a process of its own. Imports nothing of the harness outside itself."""
