"""Two runs of one story, side by side."""
