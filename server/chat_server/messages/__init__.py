"""Messages: stored, published, changed, read back, searched and removed."""
