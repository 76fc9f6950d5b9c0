"""The certificate of a run: what it states, its signature, and how both are verified."""
