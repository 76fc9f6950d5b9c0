"""Requests to objects: read, write, watch, apply, collect."""
