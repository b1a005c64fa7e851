"""Sockets, TLS and the bytes of a connection. Knows no account, room or message."""
