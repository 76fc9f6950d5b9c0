"""One file a source of sight: its `SOURCE` says how it is opened from a lab, and how recordings of it are imported.

It is found by its file. What it records are facts of the journal; the name of its sight is its own, and people are told of it by
that name.
"""
