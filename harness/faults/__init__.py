"""What can be wrong around steps, one word a file; whatever a fault does is healed when its block ends."""
