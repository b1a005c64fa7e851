"""The reactions to one message, updated one by one. Pure."""

from collections.abc import Iterable

from msgspec.structs import replace

from chat_shared.limits import MAX_EMOJIS, MAX_REACTORS
from chat_shared.messages import Reaction
from chat_shared.names import fold
from chat_shared.text import clean_line


def reacted(
    reactions: tuple[Reaction, ...], emoji: str, author: str, *, off: bool, mine: bool
) -> tuple[Reaction, ...]:
    """Return `reactions` after `author` added or removed (`off`) `emoji`.

    Only the first few names are known. A change by someone beyond those cannot be
    checked, so the server is trusted.
    """
    old = next((known for known in reactions if known.emoji == emoji), None)
    if old is None:
        is_known = off or len(reactions) >= MAX_EMOJIS
        return reactions if is_known else (*reactions, Reaction(emoji, 1, [author], mine))
    new = _without(old, author, mine=mine) if off else _with(old, author, mine=mine)
    became = (new if known is old else known for known in reactions)
    return tuple(known for known in became if known is not None)


def who_reacted(reactions: Iterable[Reaction]) -> str:
    """Return who reacted with what, in one line: the first few names and how many more."""
    return " · ".join(_who(reaction) for reaction in reactions)


def _who(reaction: Reaction) -> str:
    more = reaction.count - len(reaction.names)
    names = [clean_line(name) for name in reaction.names] + ([f"{more:,} more"] if more > 0 else [])
    return f"{clean_line(reaction.emoji)} {', '.join(names)}"


def _with(old: Reaction, author: str, *, mine: bool) -> Reaction:
    if _names(old, author) or (mine and old.mine):
        return old
    names = [*old.names, author][:MAX_REACTORS]
    return replace(old, count=old.count + 1, names=names, mine=old.mine or mine)


def _without(old: Reaction, author: str, *, mine: bool) -> Reaction | None:
    """Return the reaction without `author`, or None if nobody is left."""
    all_are_named = old.count <= len(old.names)
    if not _names(old, author) and all_are_named:
        return old
    if old.count == 1:
        return None
    names = [name for name in old.names if fold(name) != fold(author)]
    return replace(old, count=old.count - 1, names=names, mine=old.mine and not mine)


def _names(reaction: Reaction, author: str) -> bool:
    return any(fold(name) == fold(author) for name in reaction.names)
