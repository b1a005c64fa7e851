"""Pictures in the terminal: decoded in a process of their own, then drawn the best way there is.

Knows no message and no widget.
"""
