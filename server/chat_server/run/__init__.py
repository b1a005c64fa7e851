"""Starting the server from its configuration, keeping it running, and shutting it down."""
