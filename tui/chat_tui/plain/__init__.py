"""The client in plain lines, for screen readers, pipes and scripts.

It has the commands of the full screen and the same controller. What is written
is never redrawn.
"""
