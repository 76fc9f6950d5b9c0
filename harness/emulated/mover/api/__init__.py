"""API servers as a mover calls them."""
