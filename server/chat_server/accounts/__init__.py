"""Accounts: registration, log-in, passwords, and the sessions (tokens) of each."""
