"""Properties are tested with the same examples every time, so failures are reproducible."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
