"""The limits fit each other: every legal message fits a frame, even the longest."""

import sys

import msgspec

from chat_shared import messages as m
from chat_shared.limits import (
    GENERAL,
    IDLE_DEADLINE,
    LOGIN_DEADLINE,
    MAX_CHUNK,
    MAX_CLIENT,
    MAX_COUNTED,
    MAX_DIRECT,
    MAX_EMOJI,
    MAX_EMOJIS,
    MAX_FILE_NAME,
    MAX_FILES,
    MAX_FRAME,
    MAX_ID,
    MAX_MARKS,
    MAX_NAME,
    MAX_NONCE,
    MAX_PAGE,
    MAX_PAGE_BYTES,
    MAX_PASSWORD,
    MAX_REACTORS,
    MAX_REASON,
    MAX_ROOMS,
    MAX_SEEN,
    MAX_SEQ,
    MAX_SSH_KEY,
    MAX_SSH_KEY_COMMENT,
    MAX_SSH_KEYS,
    MAX_TEXT,
    MAX_TOKEN,
    MIN_PASSWORD,
    PING_INTERVAL,
)
from chat_shared.names import check_name, fold
from chat_shared.text import has_controls

_TIME = "2026-11-22T09:30:00.000Z"
_NAME = "𐐨" * MAX_NAME  # a letter of four bytes, and no longer when escaped
_WORST_TEXTS = [sign * MAX_TEXT for sign in ("🍲", "\n", "\t", '"', "\\", "ä", "語", "\u2028")]
_WORST_FILES = (m.File(MAX_SEQ, "🍲" * (MAX_FILE_NAME // 4), MAX_SEQ, "image/jpeg"),) * MAX_FILES
_DIRECT = f"@{MAX_SEQ // 10**6}-{MAX_SEQ // 10**6}"  # nobody has so many accounts
_WORST_NONCE = "\x01" * MAX_NONCE  # six bytes each, as \u0001


def _bytes_on_the_wire(text: str) -> int:
    return len(msgspec.json.encode(text)) - len('""')


def test_no_character_of_a_message_takes_more_than_four_bytes() -> None:
    points = (chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000)

    assert max(_bytes_on_the_wire(sign) for sign in points if not has_controls(sign)) == 4


def test_no_character_at_all_takes_more_than_six_bytes() -> None:
    assert max(_bytes_on_the_wire(chr(point)) for point in range(0xD800)) == 6


def test_the_longest_encoded_name_is_valid() -> None:
    assert check_name(_NAME) == _NAME
    assert _bytes_on_the_wire(_NAME) == 4 * MAX_NAME


def test_the_longest_posted_fits_a_frame() -> None:
    for text in _WORST_TEXTS:
        posted = m.Posted(_NAME, MAX_SEQ, _NAME, text, _TIME, _WORST_NONCE, files=_WORST_FILES)
        assert len(m.encode(posted)) <= MAX_FRAME


def test_the_longest_post_fits_a_frame() -> None:
    for text in _WORST_TEXTS:
        files = (MAX_SEQ,) * MAX_FILES
        post = m.Post(_NAME, text, _WORST_NONCE, MAX_SEQ, files, id=MAX_ID)
        assert len(m.encode(post)) <= MAX_FRAME


def test_a_chunk_fits_a_frame_both_ways() -> None:
    data = bytes(MAX_CHUNK)
    for chunk in (
        m.SendChunk(MAX_SEQ, MAX_SEQ, data, id=MAX_ID),
        m.FileChunk(MAX_SEQ, MAX_SEQ, data, re=MAX_ID),
    ):
        assert len(m.encode(chunk)) <= MAX_FRAME


def test_a_welcome_to_the_most_rooms_fits_a_frame() -> None:
    room = m.RoomInfo(_NAME, _NAME, MAX_SEQ, MAX_SEQ, MAX_COUNTED, MAX_COUNTED)
    direct = m.RoomInfo(_DIRECT, "", MAX_SEQ, MAX_SEQ, MAX_COUNTED, MAX_COUNTED, _NAME)
    rooms = [room] * (MAX_ROOMS + 1) + [direct] * (
        MAX_DIRECT + 1
    )  # one may be joining at the moment
    welcome = m.Welcome(_NAME, "\x01" * MAX_TOKEN, rooms, "\n" * MAX_REASON, re=MAX_ID)

    assert len(m.encode(welcome)) <= MAX_FRAME


def test_a_resume_of_more_rooms_than_allowed_fits_a_frame() -> None:
    names = [f"{number:03}{_NAME[3:]}" for number in range(MAX_SEEN)]
    resume = m.Resume("\x01" * MAX_TOKEN, dict.fromkeys(names, MAX_SEQ), id=MAX_ID)

    assert len(resume.seen) == MAX_SEEN > MAX_ROOMS + MAX_DIRECT + 1
    assert len(m.encode(resume)) <= MAX_FRAME


def test_a_resume_of_all_rooms_of_an_account_fits_a_frame_with_their_times() -> None:
    names = [f"{number:03}{_NAME[3:]}" for number in range(MAX_ROOMS + 1)]
    names += [f"{_DIRECT[:-3]}{number:03}" for number in range(MAX_DIRECT + 1)]
    seen, at = dict.fromkeys(names, MAX_SEQ), dict.fromkeys(names, _TIME)
    resume = m.Resume("\x01" * MAX_TOKEN, seen, "\x01" * MAX_CLIENT, at, id=MAX_ID)

    assert len(resume.at) == MAX_ROOMS + MAX_DIRECT + 2
    assert len(m.encode(resume)) <= MAX_FRAME


def test_a_full_page_and_its_envelope_fit_a_frame() -> None:
    page = m.Page(_NAME, [], more=False, re=MAX_ID)
    members = m.MemberPage(_NAME, [], more=False, re=MAX_ID)
    joined = m.Joined(_NAME, "", _NAME, MAX_SEQ, [], more=False, re=MAX_ID)

    for empty in (page, members, joined):
        assert len(m.encode(empty)) + MAX_PAGE_BYTES <= MAX_FRAME


def test_every_message_fits_a_page() -> None:
    for text in _WORST_TEXTS:
        line = m.Line(MAX_SEQ, _NAME, text, _TIME, files=_WORST_FILES)
        assert len(msgspec.json.encode(line)) + len(",") <= MAX_PAGE_BYTES


def test_the_longest_message_with_all_it_can_have_is_a_page() -> None:
    reactions = [m.Reaction("🍲" * MAX_EMOJI, 10**6, [_NAME] * MAX_REACTORS, True)] * MAX_EMOJIS
    for text in _WORST_TEXTS:
        line = m.Line(
            MAX_SEQ, _NAME, text, _TIME, MAX_SEQ, edited=_TIME, reactions=tuple(reactions)
        )
        page = m.Page(_NAME, [line], more=False, re=MAX_ID)
        assert len(m.encode(page)) <= MAX_FRAME


def test_the_longest_hit_with_all_its_marks_fits_a_page() -> None:
    for text in _WORST_TEXTS:
        marks = [(MAX_TEXT, MAX_TEXT)] * MAX_MARKS
        hit = m.Hit(MAX_SEQ, _NAME, MAX_SEQ, _NAME, text, _TIME, marks)
        assert len(msgspec.json.encode(hit)) + len(",") <= MAX_PAGE_BYTES


def test_as_many_members_as_are_asked_for_fit_a_page() -> None:
    members = [m.Member(_NAME, online=False, seen=_TIME)] * MAX_PAGE

    assert len(msgspec.json.encode(members)) <= MAX_PAGE_BYTES


def test_a_page_of_the_longest_messages_does_not_fit_a_frame_and_must_be_cut() -> None:
    page = m.Page(_NAME, [m.Line(1, _NAME, _WORST_TEXTS[0], _TIME)] * 3, more=False, re=1)

    assert len(m.encode(page)) > MAX_FRAME


def test_numbers_fit_the_integers_of_other_languages() -> None:
    assert MAX_ID == 2_147_483_647
    assert int(float(MAX_SEQ)) == MAX_SEQ
    assert float(MAX_SEQ) + 1 == MAX_SEQ + 1


def test_two_pings_may_be_lost_before_a_session_is_closed() -> None:
    assert 3 * PING_INTERVAL <= IDLE_DEADLINE
    assert LOGIN_DEADLINE > 0


def test_a_password_is_longer_than_nothing_and_shorter_than_a_novel() -> None:
    assert 8 <= MIN_PASSWORD < 64 <= MAX_PASSWORD  # NIST SP 800-63B asks for both


def test_the_general_room_has_a_name_as_it_is_folded() -> None:
    assert check_name(GENERAL) == fold(GENERAL) == GENERAL


def test_the_longest_key_and_the_longest_list_of_keys_fit_a_frame() -> None:
    adding = m.AddSshKey("\x01" * MAX_SSH_KEY, "\x01" * MAX_PASSWORD, id=MAX_ID)
    key = m.SshKeyInfo("x" * 50, "x" * 50, "𐐨" * MAX_SSH_KEY_COMMENT, _TIME, _TIME, current=True)

    assert len(m.encode(adding)) <= MAX_FRAME
    assert len(m.encode(m.SshKeyList([key] * MAX_SSH_KEYS, re=MAX_ID))) <= MAX_FRAME
