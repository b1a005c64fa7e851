"""Dialogs: boxes over the chat that ask or show something."""
