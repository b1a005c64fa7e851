"""Messages: written, changed, read back, searched and removed."""
