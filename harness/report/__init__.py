"""Verdicts and journals for people and for machines: page, terminal, JUnit, event sequence, certificate."""

from harness.report.write import write_reports

__all__ = ["write_reports"]
