"""A mover of our own: what `clusterctl move` does, call by call and line by line, as an ordinary API client."""
