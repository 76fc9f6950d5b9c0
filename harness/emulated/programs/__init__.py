"""Real components as programs under their Deployments."""
