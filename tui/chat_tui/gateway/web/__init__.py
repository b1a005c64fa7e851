"""The client in a browser: a page with a terminal, and one with plain text, over a WebSocket.

Knows HTTP, and no client: what people see and type is carried by the gateway's relay, as over ssh.
"""
