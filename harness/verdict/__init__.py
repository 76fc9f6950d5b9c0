"""Facts and checks become verdicts."""
