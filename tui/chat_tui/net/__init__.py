"""The way to a server: addresses are tried, kept and lost here. Knows no screen."""
