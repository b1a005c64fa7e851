"""Sockets, TLS and the bytes of one connection. Knows no account, no room and no message."""
