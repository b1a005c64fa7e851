"""The client's data on this computer, in files that only their owner can read."""
