"""Files of messages: how they are uploaded, where their content is, and when it goes."""
