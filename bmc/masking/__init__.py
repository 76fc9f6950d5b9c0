"""The one masker: what looks like a secret, or is one that this process knows, is never written down."""
