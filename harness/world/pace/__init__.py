"""How long everything had: what a lab could use of the time, and whether a move was still being taken up."""
