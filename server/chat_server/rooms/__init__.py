"""Rooms: who is in them, who owns them, who may write there, and who is online."""
