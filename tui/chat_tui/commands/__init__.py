"""What a typed line means, and which keys and commands there are. Knows no Textual."""
