"""What the client keeps on this computer, in files that only their owner can read."""
