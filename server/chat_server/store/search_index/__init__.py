"""The full-text index: a file beside the database that can be rebuilt at any time."""
