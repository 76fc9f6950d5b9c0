"""What is seen: one file a source; each turns what it sees into facts, and its blindness too."""
