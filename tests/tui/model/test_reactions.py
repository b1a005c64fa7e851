import pytest
from hypothesis import given, strategies as st

from chat_shared.limits import MAX_REACTORS
from chat_shared.messages import Reaction
from chat_tui.model.reactions import reacted, who_reacted

BREAD = Reaction("🍞", 2, ["ada", "ben"], mine=True)


def put(reactions: tuple[Reaction, ...], emoji: str, author: str) -> tuple[Reaction, ...]:
    return reacted(reactions, emoji, author, off=False, mine=author == "ada")


def take(reactions: tuple[Reaction, ...], emoji: str, author: str) -> tuple[Reaction, ...]:
    return reacted(reactions, emoji, author, off=True, mine=author == "ada")


def test_known_names_are_listed_and_others_counted() -> None:
    soup = Reaction("🍲", 1_012, ["cleo", "d\x1b[2J\u202eag"])

    sentence = who_reacted((BREAD, soup))

    assert sentence.startswith("🍞 ada, ben · 🍲 cleo, d")
    assert sentence.endswith("ag, 1,010 more")
    assert not set(sentence) & set("\x1b\u202e")


def test_one_more_is_counted_too() -> None:
    assert who_reacted((Reaction("🍲", 3, ["ada", "ben"]),)) == "🍲 ada, ben, 1 more"


def test_without_reactions_nobody_is_listed() -> None:
    assert who_reacted(()) == ""


def test_a_new_emoji_is_added_last() -> None:
    assert put((BREAD,), "🍲", "cleo") == (BREAD, Reaction("🍲", 1, ["cleo"]))


def test_the_same_emoji_by_someone_else_is_counted_and_named() -> None:
    assert put((BREAD,), "🍞", "cleo") == (Reaction("🍞", 3, ["ada", "ben", "cleo"], mine=True),)


@pytest.mark.parametrize("author", ["ada", "BEN"])
def test_the_same_reaction_twice_counts_once(author: str) -> None:
    assert put((BREAD,), "🍞", author) == (BREAD,)


def test_a_reaction_disappears_with_its_last_person() -> None:
    left = take((BREAD,), "🍞", "ada")

    assert left == (Reaction("🍞", 1, ["ben"]),)
    assert take(left, "🍞", "ben") == ()


@pytest.mark.parametrize(("emoji", "author"), [("🍲", "ada"), ("🍞", "cleo")])
def test_a_reaction_that_is_not_there_cannot_be_removed(emoji: str, author: str) -> None:
    assert take((BREAD,), emoji, author) == (BREAD,)


def test_of_many_people_the_first_are_named_and_the_others_counted() -> None:
    names = [f"m{n}" for n in range(MAX_REACTORS)]
    many = (Reaction("🍞", 12, names),)

    more = put(many, "🍞", "zoe")
    assert (more[0].count, more[0].names) == (13, names)
    fewer = take(many, "🍞", "zoe")
    assert (fewer[0].count, fewer[0].names) == (11, names)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["ada", "ben"]), st.booleans())))
def test_a_reaction_counts_the_people_who_have_not_removed_it(
    events: list[tuple[str, str, bool]],
) -> None:
    reactions: tuple[Reaction, ...] = ()
    last: dict[tuple[str, str], bool] = {}
    for emoji, author, off in events:
        reactions = reacted(reactions, emoji, author, off=off, mine=author == "ada")
        last[emoji, author] = off

    for emoji in "ab":
        names = {author for (kind, author), off in last.items() if kind == emoji and not off}
        known = [reaction for reaction in reactions if reaction.emoji == emoji]
        assert [(set(r.names), r.count, r.mine) for r in known] == (
            [(names, len(names), "ada" in names)] if names else []
        )
