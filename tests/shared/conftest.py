"""Properties are tried on the same examples every time: a failure is always the same failure."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
