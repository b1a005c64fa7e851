"""The store in PostgreSQL, with one module per subject as in `store.api`. Only it uses psycopg.

`store` puts the subjects together, `connection` makes transactions of them, and `storage`
opens all for a server. `database`, `schema`, `transaction`, `queries` and `guard` are what
they stand on.
"""
