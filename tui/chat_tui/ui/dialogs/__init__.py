"""Dialogs: boxes over the chat that ask for something."""
