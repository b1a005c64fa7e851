"""The protocol that both ends of Trialogue use.

Knows bytes, messages, names and numbers. Does not know sockets, clocks,
files, event loops or logs: both ends bring their own.
"""
