"""Drafts without what they mean."""

import pytest

from chat_tui.model.draft import Draft, Edit, Quote, Reply

_REPLY = Reply(Quote(3, "linus", "soup?"))


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        (Draft("yes", _REPLY), "yes"),
        (Draft("soup", Edit(3)), "soup"),
        (Draft("soup", Edit(3), waiting=Draft("half a sen", _REPLY)), "half a sen\nsoup"),
        (Draft("", Edit(3), waiting=Draft("half a sen")), "half a sen"),
        (Draft("", _REPLY), ""),
    ],
)
def test_a_draft_without_its_intent_keeps_all_that_was_typed(draft: Draft, text: str) -> None:
    assert draft.without_intent() == Draft(text)
