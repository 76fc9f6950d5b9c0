"""Real components as processes of one lab."""
