"""Whole runs: run, doctor, recover, import."""
