"""What an operator can do to a running server, and the commands that do it."""
