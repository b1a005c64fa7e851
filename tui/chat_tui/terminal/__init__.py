"""Terminal features beyond Textual: notifications, external programs, signals."""
