"""The operator's actions on a running server, and the commands for them."""
