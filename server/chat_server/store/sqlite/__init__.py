"""The embedded store: one SQLite file, with one module per subject as in `store.api`.

`store` puts the subjects together, `connection` makes transactions of them, and `storage`
opens all for a server. `database`, `schema`, `transaction`, `guard` and `wal` are what
they stand on; `offline` is for databases that no server uses.
"""
