"""Ablations: a run is judged again and again as if less of it had been seen. Seeing less may make a verdict unknown, and nothing else."""
