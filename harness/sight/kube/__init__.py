"""Watches of one cluster, without a gap or with the gap reported."""
