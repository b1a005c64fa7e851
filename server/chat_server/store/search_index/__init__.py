"""The full-text index: a file beside the database that can be rebuilt at any time.

`index` runs it on its threads; `indexing` fills it, `query` searches it; `words`
and `accents` know the syntax of FTS5.
"""
