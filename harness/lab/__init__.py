"""Lab files: the model, its file, what is discovered."""
