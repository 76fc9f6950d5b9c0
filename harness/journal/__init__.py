"""The journal: its closed vocabulary of facts, the one list, and the files of a run."""
