"""One connection each: who is connected, and what they are sent. Knows no room."""
