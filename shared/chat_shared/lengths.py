"""Whether a text is too long, and how its author is told: in the same words at both ends."""


def too_long(what: str, text: str, limit: int) -> str:
    """Return a sentence about `text` if it has more than `limit` characters; else nothing.

    `what` is what its author calls it, such as "The away message".
    """
    if len(text) <= limit:
        return ""
    return f"{what} has {len(text):,} characters; the limit is {limit:,}."
