"""A move that broke off: what is known of it, and how it is brought to an end."""
