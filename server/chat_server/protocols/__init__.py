"""What a listener accepts: each module turns one kind of connection into requests."""
