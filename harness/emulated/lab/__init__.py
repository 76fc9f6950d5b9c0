"""The embedded lab as a whole: its clusters, its files, when it is ready."""
