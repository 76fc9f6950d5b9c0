"""What the journal says is true now, and what was covered until when. Pure."""
