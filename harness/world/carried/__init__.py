"""The objects that a move carried: whether they arrived as they left, what was changed since, what is new, and what was not watched."""
