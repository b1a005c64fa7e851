"""The client without a screen: one line after the other, for screen readers, pipes and scripts.

It knows the same commands as the full screen and speaks through the same link.
Nothing is drawn: what is written stays as it was written.
"""
