"""The Kubernetes API as the lab's own parts use it."""
