"""A bucket allows so many at once and a rate after that; a back-off, ever fewer."""

import pytest
from hypothesis import given, strategies as st

from chat_server.sessions.rate_limits import (
    GUEST_POSTS,
    GUEST_POSTS_EVERY,
    GUEST_REQUESTS,
    GUEST_REQUESTS_PER_SECOND,
    HOOK_POSTS,
    HOOK_POSTS_PER_SECOND,
    BackOff,
    Rates,
    TokenBucket,
    TokenBuckets,
)
from chat_shared.errors import Code, Refused


def test_a_burst_is_allowed_and_the_next_must_wait() -> None:
    bucket = TokenBucket(3, 2.0, now=100.0)

    assert [bucket.take(100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_the_returned_wait_is_long_enough() -> None:
    bucket = TokenBucket(1, 4.0, now=0.0)
    bucket.take(0.0)

    wait = bucket.take(0.1)

    assert wait == pytest.approx(0.15)
    assert bucket.take(0.1 + wait) == 0.0


def test_being_refused_costs_nothing() -> None:
    bucket = TokenBucket(1, 1.0, now=0.0)
    bucket.take(0.0)

    assert [bucket.take(0.5) for _ in range(10)] == [0.5] * 10


def test_silence_saves_up_a_burst_and_no_more() -> None:
    bucket = TokenBucket(2, 1.0, now=0.0)
    for _ in range(2):
        bucket.take(0.0)

    assert [bucket.take(1e9) for _ in range(3)] == [0.0, 0.0, 1.0]


def test_those_in_line_come_before_newcomers_even_if_they_are_more_than_a_burst() -> None:
    bucket = TokenBucket(2, 4.0, now=0.0)
    with bucket.in_line(), bucket.in_line(), bucket.in_line():
        assert bucket.take(0.0) == 0.5  # until there are four
        assert bucket.take(0.0, served=True) == 0.0
        assert bucket.take(0.0) == 0.75

    assert [bucket.take(0.0) for _ in range(2)] == [0.0, 0.25]  # nobody is in line any more


def test_the_end_of_a_wait_is_never_a_rounding_error_too_early() -> None:
    bucket = TokenBucket(1, 20.0, now=0.0)
    now = 0.0
    for _ in range(1_000):
        assert bucket.take(now) == 0.0
        now += bucket.take(now)


@given(
    burst=st.integers(1, 20),
    rate=st.floats(0.1, 100),
    pauses=st.lists(st.floats(0, 5), max_size=60),
)
def test_never_more_than_the_burst_and_the_rate_together(
    burst: int, rate: float, pauses: list[float]
) -> None:
    bucket = TokenBucket(burst, rate, now=0.0)
    now = 0.0
    taken = 0
    for pause in pauses:
        now += pause
        taken += bucket.take(now) == 0.0

        assert taken <= burst + now * rate + 1e-6


def test_each_account_has_its_own_bucket() -> None:
    buckets = TokenBuckets(2, 0.5)

    assert [buckets.take(1, 0.0) for _ in range(3)] == [0.0, 0.0, 2.0]
    assert buckets.take(2, 0.0) == 0.0
    assert buckets.take(1, 2.0) == 0.0


def test_an_empty_bucket_refuses_with_a_sentence_and_a_whole_number_of_seconds() -> None:
    buckets = TokenBuckets(1, 0.4)
    buckets.take_or_refuse(1, 0.0, "Too many.")

    with pytest.raises(Refused, match=r"^Too many\.$") as caught:
        buckets.take_or_refuse(1, 0.0, "Too many.")
    assert (caught.value.code, caught.value.retry_after) == (Code.TOO_FAST, 3)


def test_only_full_buckets_are_dropped() -> None:
    buckets = TokenBuckets(2, 1.0)
    for account in range(1_000):
        buckets.take(account, 0.0)
    buckets.take(7, 0.5)

    assert buckets.take(1_000, 1.0) == 0.0
    assert len(buckets) == 2
    assert [buckets.take(7, 1.0) for _ in range(2)] == [0.0, 1.0]


def test_what_was_used_can_be_charged_afterwards() -> None:
    buckets = TokenBuckets(10, 2.0)
    assert buckets.take(1, 0.0) == 0.0
    buckets.charge(1, 11.0, 0.0)

    assert (buckets.left(1, 0.0), buckets.left(2, 0.0)) == (-2.0, 10)
    assert buckets.take(1, 0.0) == 1.5  # two that were too many, and the one that is asked for
    assert buckets.take(1, 1.5) == 0.0
    buckets.charge(1, -1.0, 1.5)
    assert buckets.take(1, 1.5) == 0.0


# --- guests and hooks


def test_guests_are_limited_where_others_are_not_and_never_less_than_others() -> None:
    wide, narrow = Rates(1_000, 1_000.0, 1_000, 1_000.0), Rates(2, 0.01, 3, 0.02)
    every = 1 / GUEST_POSTS_EVERY

    assert wide.of_guests() == Rates(GUEST_POSTS, every, GUEST_REQUESTS, GUEST_REQUESTS_PER_SECOND)
    assert narrow.of_guests() == narrow


def test_hooks_have_a_burst_of_their_own_and_in_the_long_run_post_no_faster_than_people() -> None:
    wide, narrow = Rates(1_000, 1_000.0, 1_000, 1_000.0), Rates(2, 0.01, 3, 0.02)

    assert wide.of_hooks() == Rates(HOOK_POSTS, HOOK_POSTS_PER_SECOND, 1_000, 1_000.0)
    assert narrow.of_hooks() == Rates(HOOK_POSTS, 0.01, 3, 0.02)


# --- back-off

_RULE = BackOff(free=5, first=2.0, longest=900.0, forget=86_400.0)


def test_five_are_free_and_then_the_waits_double_up_to_a_quarter_of_an_hour() -> None:
    assert [_RULE.wait(mistakes, 0) for mistakes in range(6)] == [0, 0, 0, 0, 0, 2]
    assert [_RULE.wait(mistakes, 0) for mistakes in range(6, 16)] == [
        4, 8, 16, 32, 64, 128, 256, 512, 900, 900,
    ]  # fmt: skip
    assert _RULE.wait(10**9, 0) == 900


def test_elapsed_time_counts_and_a_clock_set_back_does_not() -> None:
    assert _RULE.wait(7, 5.5) == 2.5
    assert _RULE.wait(7, 8.0) == 0
    assert _RULE.wait(7, -1000.0) == 8


def test_a_day_later_it_is_over() -> None:
    assert not _RULE.is_over(86_399.9)
    assert _RULE.is_over(86_400.0)
