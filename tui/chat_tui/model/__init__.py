"""The client's state. Pure: no network, no disk, no Textual."""
