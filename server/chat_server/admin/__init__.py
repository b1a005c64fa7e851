"""What an operator asks of a running server, and the commands beside it."""
