"""Probes of the network from a cluster's vantage."""
