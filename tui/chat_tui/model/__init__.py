"""What the client knows. Pure: no network, no disk, no Textual."""
