"""The programs of real components: pinned, built, or given by the user."""
