"""Man pages and shell completion of both commands, made from their own parsers.

`python -m manual` writes them to `shared/share`, which the packages install as it is; a test
fails if they are not up to date. Part of the repository, and of no package.
"""
