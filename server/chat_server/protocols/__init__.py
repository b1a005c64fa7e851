"""Handlers for the connections that listeners accept: one module per protocol."""
