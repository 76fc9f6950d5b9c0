"""Leads on from a run that was broken off: what is known of it, where all stands, and the ways on."""
