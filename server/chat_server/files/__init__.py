"""Files of messages: how they come in, where their content is, and when it goes."""
