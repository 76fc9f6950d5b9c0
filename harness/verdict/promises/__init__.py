"""Promises of one's own: conditions over hosts, objects and facts, judged like any check."""
