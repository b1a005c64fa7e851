"""The client for people who install nothing: over ssh, from a process that the server starts."""
