"""What a journal tells that is no object: what an embedded lab could use of the time, and what each start of a mover said."""
