"""Words for tests, with the signatures of real ones."""
