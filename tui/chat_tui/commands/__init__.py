"""Keys, slash commands and typed lines, and the sentences about them. Knows no Textual."""
