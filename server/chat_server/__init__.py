"""The server: accounts, rooms and the journal, served to clients by protocol handlers.

Knows what a chat is. Does not know what a terminal is, nor which program a
member uses: it meets them at the protocol in `chat_shared` only.
"""
