"""Everything the server stores. The only package that knows SQL.

`api` has the records and the promises, one module per subject; `sqlite` keeps them in one
file, and `postgresql` in a database that several machines share, with the same modules, on
one `guard`. `search_index` finds messages by their words. `threads` runs the store beside the
event loop. `migration` copies the `tables` of one engine into another one.
"""
