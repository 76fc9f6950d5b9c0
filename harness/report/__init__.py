"""Verdicts and journals for people and for machines: page, terminal, JUnit, event sequence, certificate."""
