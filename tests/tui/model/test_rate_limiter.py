from chat_tui.model.rate_limiter import RateLimiter


def test_each_key_is_allowed_once_per_interval() -> None:
    pace = RateLimiter(2.0)

    assert pace.may("a", 100.0)
    assert not pace.may("a", 101.5)
    assert pace.wait("a", 101.5) == 0.5
    assert pace.may("b", 101.5)
    assert pace.may("a", 102.0)
