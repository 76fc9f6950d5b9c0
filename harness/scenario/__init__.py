"""Scenario files: grammar, words, and how a tree of steps is performed."""
