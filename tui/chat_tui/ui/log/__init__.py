"""The message log: any number of messages, drawn line by line."""
