"""Which kinds are served, and the grammar of their names and values."""
