"""The log-in screen, and what leads from it to the chat."""
