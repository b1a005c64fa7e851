from chat_tui.commands.history import Recall


def test_lines_come_back_newest_first_and_forward_again() -> None:
    recall = Recall()
    for line in ("one", "two", "two", "three"):
        recall.add(line)

    assert [recall.older() for _ in range(4)] == ["three", "two", "one", None]
    assert [recall.newer() for _ in range(4)] == ["two", "three", "", None]


def test_before_anything_was_sent_there_is_nothing_to_recall() -> None:
    recall = Recall()
    assert (recall.older(), recall.newer()) == (None, None)

    recall.hold("half a sen")
    assert (recall.older(), recall.newer()) == (None, None)


def test_a_draft_that_was_sent_does_not_come_back() -> None:
    recall = Recall()
    recall.hold("half a sen")
    recall.add("half a sentence")

    assert [recall.older(), recall.newer()] == ["half a sentence", ""]


def test_the_draft_comes_after_the_newest_line() -> None:
    recall = Recall()
    recall.add("one")
    recall.hold("half a sen")

    assert recall.older() == "one"
    assert recall.newer() == "half a sen"
    assert recall.newer() is None


def test_a_recalled_and_changed_line_is_a_draft_too() -> None:
    recall = Recall()
    recall.add("one")
    recall.add("two")
    recall.hold("")
    recall.older()
    recall.hold("two and more")

    assert recall.older() == "two"
    assert recall.newer() == "two and more"


def test_moving_on_from_an_unchanged_recalled_line_stores_no_draft() -> None:
    recall = Recall()
    for line in ("one", "two"):
        recall.add(line)
    recall.hold("draft")
    recall.older()
    recall.hold("two")

    assert [recall.older(), recall.newer(), recall.newer()] == ["one", "two", "draft"]


def test_only_the_newest_lines_are_kept() -> None:
    recall = Recall()
    for n in range(1_000):
        recall.add(str(n))

    kept = []
    while (line := recall.older()) is not None:
        kept.append(line)

    assert len(kept) == 200
    assert kept[0] == "999"
