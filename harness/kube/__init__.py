"""One door to a Kubernetes API server: connection, discovery, errors."""
