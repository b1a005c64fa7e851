"""Doors: each turns one kind of connection into sessions of the same house."""
