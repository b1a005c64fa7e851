"""What Textual does not know of terminals."""
