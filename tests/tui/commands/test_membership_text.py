from chat_tui.commands.membership_text import joined, left, removed


def test_joining_and_leaving_are_sentences() -> None:
    assert joined("ben") == "ben joined"
    assert left("ben") == "ben left"


def test_a_removal_says_who_did_it_and_why() -> None:
    assert removed("kitchen", "ada", "Enough.") == 'ada removed you from kitchen: "Enough."'
    assert removed("kitchen", "ada", "spam") == 'ada removed you from kitchen: "spam".'
    assert removed("kitchen", "ada", "") == "ada removed you from kitchen."


def test_a_membership_that_ended_by_itself_says_so() -> None:
    assert removed("kitchen", "", "") == "You're no longer in kitchen."
    assert removed("ben", "", "set aside") == "You're no longer in ben: set aside."
