"""The language that both ends of Trialogue speak.

Knows bytes, messages, names and numbers. Does not know a socket, a clock, a
file, an event loop or a log: whoever uses it brings those.
"""
