"""Connections: who is connected, and what each session is sent. Knows no room."""
