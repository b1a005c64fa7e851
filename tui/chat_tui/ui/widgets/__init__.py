"""Widgets of the chat and the dialogs. They know neither screens nor network."""
