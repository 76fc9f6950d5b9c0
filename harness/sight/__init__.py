"""Watchers, one file per source: each records its observations, and its gaps, as facts."""
