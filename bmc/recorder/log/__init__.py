"""The recorder's log: its lines, its file, and the record that readers get."""
