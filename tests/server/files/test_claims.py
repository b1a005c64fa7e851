"""An upload is claimed by one post, however often that is sent."""

from chat_server.files.claims import Claims

_FIRST, _SECOND = (1, "first"), (1, "second")


def test_an_upload_is_held_until_it_is_released() -> None:
    claims = Claims()
    claim = claims.take([7, 8], _FIRST)
    assert claim is not None
    assert (7 in claims, 8 in claims, 9 in claims) == (True, True, False)

    assert claims.take([8, 9], _SECOND) is None
    assert 9 not in claims  # all or none
    claim.release()
    assert claims.take([8, 9], _SECOND) is not None
    assert 7 not in claims


def test_a_post_that_is_sent_again_holds_it_twice() -> None:
    claims = Claims()
    first, again = claims.take([7], _FIRST), claims.take([7], _FIRST)
    assert first is not None
    assert again is not None

    first.release()
    first.release()
    assert 7 in claims
    again.release()
    assert 7 not in claims
