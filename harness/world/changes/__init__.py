"""What changed in an object, and who changed it."""
