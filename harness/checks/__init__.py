"""Promises, one a file; the file's name is the check's word. A check is pure: `check(world, ...)` yields judgements."""
