"""The embedded store: one module per subject, and what they share."""
