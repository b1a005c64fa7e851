"""What is too long is named as its author knows it, with both numbers."""

from chat_shared.lengths import too_long


def test_a_text_that_fits_needs_no_sentence() -> None:
    assert not too_long("The topic", "", 5)
    assert not too_long("The topic", "ärger", 5)


def test_a_text_that_is_too_long_gets_one_with_its_length_and_the_limit() -> None:
    sentence = "The message has 8,001 characters; the limit is 8,000."
    assert too_long("The message", "x" * 8_001, 8_000) == sentence
