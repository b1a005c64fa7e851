"""The full-screen client, on Textual."""
