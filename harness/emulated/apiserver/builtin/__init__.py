"""Defaults and rules of built-in kinds."""
