"""What the client does, without a screen: one controller for both front ends."""
