"""What the server keeps. The only package that knows SQL.

`api` has the records and the promises; `sqlite` keeps them in one file, and
`search_index` finds messages by their words. `threads` runs both beside the event loop.
"""
