"""Crash points of a mover: struck one by one, and recovered."""
