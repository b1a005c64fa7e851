from chat_tui.recall import Recall


def test_lines_come_back_newest_first_and_forward_again() -> None:
    recall = Recall()
    for line in ("one", "two", "two", "three"):
        recall.add(line)

    assert [recall.older() for _ in range(4)] == ["three", "two", "one", None]
    assert [recall.newer() for _ in range(4)] == ["two", "three", "", None]


def test_only_what_can_be_shown_again_may_be_replaced() -> None:
    recall = Recall()
    recall.add("one")

    assert recall.may_replace("")
    assert not recall.may_replace("typed")
    recall.older()
    assert recall.may_replace("one")
    assert not recall.may_replace("one and changed")


def test_not_more_is_kept_than_anybody_walks_through() -> None:
    recall = Recall()
    for n in range(1_000):
        recall.add(str(n))

    kept = []
    while (line := recall.older()) is not None:
        kept.append(line)

    assert len(kept) == 200
    assert kept[0] == "999"
