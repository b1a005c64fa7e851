"""Write the man pages and the completion scripts to `shared/share`."""

from manual.files import SHARE, made_files

for path, text in made_files().items():
    (SHARE / path).parent.mkdir(parents=True, exist_ok=True)
    (SHARE / path).write_text(text, encoding="utf-8")
