"""Rooms: their members and owners, what owners can do, and who is online."""
