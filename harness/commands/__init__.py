"""The commands, one a file: `add` gives the command its arguments, `perform` does it and returns the exit code."""
