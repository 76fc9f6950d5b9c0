"""Conditions in the Common Expression Language: read, checked for types and cost with the place of every mistake, and evaluated."""
