"""Every message is decoded as it was encoded; anything else is refused."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from chat_shared import messages as m
from chat_shared.errors import BadFrame, Code, Refused
from chat_shared.limits import MAX_FRAME, MAX_ID, MAX_NONCE, MAX_PAGE, MAX_SEQ, MAX_TOKEN

from .strategies import EVENTS, MESSAGES, REPLIES, REQUESTS, built, type_of

_POST = {"type": "post", "id": 7, "room": "general", "text": "Hi", "nonce": "n"}
_NOT_FRAMES = ["", "null", "true", "1", '"text"', "[]", '[{"type":"ping","id":1}]', "{", "{}}"]

_SAME_WORD_BOTH_WAYS = {
    "audit",
    "blocked",
    "chunk",
    "hooks",
    "invitations",
    "members",
    "mute",
    "mute_of",
    "preferences",
    "read",
    "sessions",
    "ssh_keys",
    "typing",
    "upload",
}

_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_keys = st.sampled_from([*_POST, "token", "seen", "limit", "before", "re", "code"]) | st.text()
_types = st.sampled_from([type_of(cls) for cls in MESSAGES])
_near_misses = st.builds(
    lambda body, tag: {**body, "type": tag},
    st.dictionaries(_keys, _values, max_size=6),
    _types | _values,
)


def _frame(**fields: object) -> bytes:
    return msgspec.json.encode(fields)


def _refused(frame: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        m.decode_request(frame)
    return caught.value


def _received_by_server(frame: bytes) -> m.Request | Refused | BadFrame:
    try:
        return m.decode_request(frame)
    except (Refused, BadFrame) as exc:
        return exc


def _received_by_client(frame: bytes) -> m.Reply | m.Event | BadFrame | None:
    try:
        return m.decode_answer(frame)
    except BadFrame as exc:
        return exc


@pytest.mark.parametrize("cls", MESSAGES, ids=type_of)
@settings(max_examples=30)  # of each type
@given(data=st.data())
def test_a_message_is_decoded_as_it_was_encoded(cls: type[m.Message], data: st.DataObject) -> None:
    message = data.draw(built(cls))
    frame = m.encode(message)

    assert _received_by_other_end(message, frame) == message
    assert frame.startswith(b'{"type":"' + type_of(cls).encode() + b'"')
    assert frame.find(b"\n") == len(frame) - 1


def _received_by_other_end(message: m.Message, frame: bytes) -> m.Message | None:
    return m.decode_request(frame) if isinstance(message, REQUESTS) else m.decode_answer(frame)


@given(st.lists(st.one_of([built(cls) for cls in MESSAGES]), max_size=5))
def test_messages_together_are_their_lines_one_after_the_other(messages: list[m.Message]) -> None:
    assert m.encode_all(messages) == b"".join(map(m.encode, messages))


def test_two_types_share_a_name_only_where_request_and_answer_are_about_one_thing() -> None:
    types = [type_of(cls) for cls in MESSAGES]

    assert {name for name in types if types.count(name) > 1} == _SAME_WORD_BOTH_WAYS


@pytest.mark.parametrize("cls", MESSAGES, ids=type_of)
def test_a_request_has_an_id_a_reply_a_re_and_an_event_neither(cls: type[m.Message]) -> None:
    fields = set(cls.__struct_fields__)

    assert ("id" in fields) is (cls in REQUESTS)
    assert ("re" in fields) is (cls in REPLIES)


def test_an_omitted_field_has_its_default() -> None:
    history = m.decode_request(_frame(type="history", id=1, room="r"))
    joined = m.decode_request(_frame(type="join", id=1, room="r"))
    members = m.decode_request(_frame(type="members", id=1, room="r"))
    register = m.decode_request(_frame(type="register", id=1, name="ada", password="p"))
    error = m.decode_answer(_frame(type="error", code="internal", message="Sorry."))

    assert history == m.History("r", before=None, after=None, limit=MAX_PAGE, id=1)
    assert joined == m.Join("r", password="", id=1)
    assert members == m.Members("r", after="", id=1)
    assert register == m.Register("ada", "p", invite="", id=1)
    assert error == m.Error("internal", "Sorry.", re=None, retry_after=None)


def test_fields_with_their_default_are_omitted_and_no_others() -> None:
    assert m.encode(m.Join("r", id=1)) == b'{"type":"join","room":"r","id":1}\n'
    assert m.encode(m.Error("internal", "No.")) == (
        b'{"type":"error","code":"internal","message":"No."}\n'
    )
    for page in (m.Joined("r", "", "", 0, [], re=1), m.MemberPage("r", [], re=1)):
        assert b'"more":false' in m.encode(page)


@given(message=st.one_of([built(cls) for cls in MESSAGES]), later=_values)
def test_fields_of_a_later_version_are_skipped(message: m.Message, later: object) -> None:
    addition = b',"later":' + msgspec.json.encode(_of_64_bits(later)) + b"}\n"
    frame = m.encode(message).removesuffix(b"}\n") + addition

    assert _received_by_other_end(message, frame) == message


def _of_64_bits(value: Any) -> Any:
    """Return `value` with its larger integers as texts: our encoder writes none above 64 bits."""
    if isinstance(value, list):
        return [_of_64_bits(item) for item in value]
    if isinstance(value, dict):
        return {key: _of_64_bits(item) for key, item in value.items()}
    return value if not isinstance(value, int) or abs(value) < 2**63 else str(value)


@given(_types.filter(lambda name: name == "members") | st.text().map("later ".__add__))
def test_an_answer_type_of_a_later_version_is_skipped(name: str) -> None:
    received = m.decode_answer(_frame(type=name, room="r", members=[], more=False, re=1))

    assert (received is None) is (name != "members")


@pytest.mark.parametrize("frame", _NOT_FRAMES)
def test_anything_but_an_object_is_a_bad_frame(frame: str) -> None:
    for decode in (m.decode_request, m.decode_answer):
        with pytest.raises(BadFrame, match=r"^A frame is one JSON object in UTF-8\.$"):
            decode(frame.encode())


@pytest.mark.parametrize(
    "frame",
    [
        b'{"type":"ping","id":1,"later":"\xff"}',
        b'{"type":"ping","id":1,"later":"\xed\xa0\x80"}',
        b'{"type":"ping","id":"wrong","later":"\xff"}',
        b'{"type":"pong","re":1,"later":"\xff"}',
        b'{"type":"later","later":"\xff"}',
        b'{"type":"ping","id":"wrong","later":"\\ud800"}',
        b'{"type":"ping","id":"wrong",}',
        b'{"type":"later",}',
        b'{"type":"ping","id":"wrong"} and more',
        b'{"type":"later"} and more',
    ],
)
def test_a_frame_is_bad_wherever_its_fault_is(frame: bytes) -> None:
    for decode in (m.decode_request, m.decode_answer):
        with pytest.raises(BadFrame, match=r"^A frame is one JSON object in UTF-8\.$"):
            decode(frame)


@pytest.mark.parametrize("field", _POST)
def test_a_request_without_a_field_it_needs_is_refused(field: str) -> None:
    refused = _refused(_frame(**{name: value for name, value in _POST.items() if name != field}))

    assert refused.code is Code.BAD_REQUEST
    assert f"`{field}`" in refused.message
    assert refused.re == (None if field == "id" else 7)


@pytest.mark.parametrize("field", _POST)
@pytest.mark.parametrize("value", [None, True, 1.5, [], {}])
def test_a_request_with_a_field_of_another_kind_is_refused(field: str, value: object) -> None:
    refused = _refused(_frame(**{**_POST, field: value}))

    assert refused.code is Code.BAD_REQUEST
    assert f"`$.{field}`" in refused.message
    assert refused.re == (None if field == "id" else 7)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"type": "ping", "id": 0}, "id"),
        ({"type": "ping", "id": -1}, "id"),
        ({"type": "ping", "id": MAX_ID + 1}, "id"),
        ({"type": "ping", "id": 2**63 - 1}, "id"),
        ({"type": "post", "id": 1, "room": "r", "text": "t", "nonce": ""}, "nonce"),
        ({"type": "post", "id": 1, "room": "r", "text": "t", "nonce": "n" * 65}, "nonce"),
        ({"type": "resume", "id": 1, "token": "", "seen": {}}, "token"),
        ({"type": "resume", "id": 1, "token": "t" * 65, "seen": {}}, "token"),
        ({"type": "resume", "id": 1, "token": "t", "seen": {"r": -1}}, "seen[...]"),
        ({"type": "resume", "id": 1, "token": "t", "seen": {"r": MAX_SEQ + 1}}, "seen[...]"),
        ({"type": "history", "id": 1, "room": "r", "limit": 0}, "limit"),
        ({"type": "history", "id": 1, "room": "r", "limit": 201}, "limit"),
        ({"type": "history", "id": 1, "room": "r", "before": -1}, "before"),
        ({"type": "history", "id": 1, "room": "r", "after": MAX_SEQ + 1}, "after"),
    ],
)
def test_a_field_beyond_its_limit_is_refused(fields: dict[str, object], field: str) -> None:
    refused = _refused(_frame(**fields))

    assert refused.code is Code.BAD_REQUEST
    assert f"`$.{field}`" in refused.message
    assert refused.re == (None if field == "id" else 1)


def test_a_field_at_its_limit_is_accepted() -> None:
    for request in (
        m.Ping(id=1),
        m.Ping(id=MAX_ID),
        m.Post("r", "t", "🍲", id=1),
        m.Post("r", "t", "🍲" * MAX_NONCE, id=1),
        m.Resume("t", {"r": 0}, id=1),
        m.Resume("t" * MAX_TOKEN, {"r": MAX_SEQ}, id=1),
        m.History("r", before=0, limit=1, id=1),
        m.History("r", after=MAX_SEQ, limit=MAX_PAGE, id=1),
    ):
        assert m.decode_request(_frame(**_fields(request))) == request


def _fields(message: m.Message) -> dict[str, object]:
    """Return the fields of a frame, of which only None is omitted."""
    fields = {"type": type_of(type(message)), **msgspec.structs.asdict(message)}
    return {name: value for name, value in fields.items() if value is not None}


def test_a_message_of_the_server_is_no_request() -> None:
    for cls in (*REPLIES, *EVENTS):
        if type_of(cls) not in _SAME_WORD_BOTH_WAYS:
            assert _refused(_frame(type=type_of(cls), id=3)).re == 3


@pytest.mark.parametrize("name", ["\x1b[2J", "x" * 65_000, '"' * 30_000, "hunter2"])
def test_a_type_that_is_not_known_is_not_repeated_to_its_sender(name: str) -> None:
    refused = _refused(_frame(type=name, id=5))

    assert (refused.message, refused.re) == ("No such `type`.", 5)


def test_a_doubled_type_is_refused() -> None:
    assert _refused(b'{"type":"ping","id":1,"type":"logout"}').message == "No such `type`."
    with pytest.raises(BadFrame):
        m.decode_answer(b'{"type":"pong","re":1,"type":"bye"}')


def test_of_any_other_doubled_key_the_last_counts() -> None:
    assert m.decode_request(b'{"type":"ping","id":1,"id":2}') == m.Ping(id=2)


@given(_near_misses.map(_of_64_bits))
def test_any_object_is_understood_or_refused_with_its_number(body: dict[str, Any]) -> None:
    received = _received_by_server(msgspec.json.encode(body))

    assert not isinstance(received, BadFrame)
    if isinstance(received, Refused):
        number = body.get("id")
        legal = type(number) is int and 1 <= number <= MAX_ID
        assert received.code is Code.BAD_REQUEST
        assert received.re == (number if legal else None)
        assert (
            len(m.encode(m.Error(received.code, received.message, re=received.re)))
            < 200
            < MAX_FRAME
        )


@given(_near_misses.map(_of_64_bits))
def test_any_object_is_understood_skipped_or_refused_by_a_client(body: dict[str, Any]) -> None:
    known = {type_of(cls) for cls in (*REPLIES, *EVENTS)}

    received = _received_by_client(msgspec.json.encode(body))
    assert (received is None) is (isinstance(body["type"], str) and body["type"] not in known)


@given(st.binary() | st.text().map(str.encode) | st.binary().map(b'{"type":"ping","id":1,'.__add__))
def test_any_bytes_are_a_message_or_one_of_our_errors(frame: bytes) -> None:
    outcome = (_received_by_server(frame), _received_by_client(frame))

    # An error of any other kind would have come out of these.
    assert None not in outcome or frame.lstrip().startswith(b"{")


def test_half_a_character_cannot_be_encoded() -> None:
    with pytest.raises(UnicodeEncodeError):
        m.encode(m.Notice("\ud83d"))
