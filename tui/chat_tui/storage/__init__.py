"""What the client stores on this computer, in files that only their owner can read."""
