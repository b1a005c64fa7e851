"""The log-in screen and what happens between it and the chat."""
