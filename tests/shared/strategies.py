"""Strategies for every message that can be sent, and every way to split its bytes."""

from itertools import pairwise
from typing import Any, get_type_hints

from hypothesis import strategies as st

from chat_shared import frames, messages as m
from chat_shared.limits import (
    MAX_CHUNK,
    MAX_CLIENT,
    MAX_FIELD,
    MAX_FILES,
    MAX_HITS,
    MAX_ID,
    MAX_LOOK_UP,
    MAX_NODES,
    MAX_NONCE,
    MAX_PAGE,
    MAX_PREFERENCE_NAME,
    MAX_SEQ,
    MAX_TOKEN,
    MIN_TOKEN,
    SHA256_SIZE,
)

REQUESTS, REPLIES, EVENTS, MESSAGES = m.REQUESTS, m.REPLIES, m.EVENTS, m.MESSAGES

_seqs = st.integers(0, MAX_SEQ)
_file_ids = st.integers(1, MAX_SEQ)

# A field of a new kind needs a line here: without one its message cannot be made.
_FIELDS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    frames.Field: st.text(max_size=MAX_FIELD),
    frames.Nodes: st.lists(st.text(max_size=MAX_FIELD), max_size=MAX_NODES).map(tuple),
    frames.Text: st.text(),
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**64 - 1),  # what 64-bit JSON readers accept
    float | None: st.none() | st.floats(allow_nan=False, allow_infinity=False),  # JSON has neither
    frames.Id: st.integers(1, MAX_ID),
    frames.Id | None: st.none() | st.integers(1, MAX_ID),
    frames.Seq: _seqs,
    frames.Seqs: st.lists(_seqs, min_size=1, max_size=MAX_LOOK_UP),
    frames.HitLimit: st.integers(1, MAX_HITS),
    list[frames.Field]: st.lists(st.text(max_size=MAX_FIELD), max_size=4),
    list[frames.Field] | None: st.none() | st.lists(st.text(max_size=MAX_FIELD), max_size=4),
    list[tuple[int, int]]: st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4),
    frames.Seq | None: st.none() | _seqs,
    frames.Limit: st.integers(1, MAX_PAGE),
    frames.Nonce: st.text(min_size=1, max_size=MAX_NONCE),
    frames.NewToken: st.text(min_size=MIN_TOKEN, max_size=MAX_TOKEN),
    frames.SshKeyText: st.text(max_size=100),
    frames.Client: st.text(max_size=MAX_CLIENT),
    frames.PreferenceValues: st.dictionaries(
        st.text(min_size=1, max_size=MAX_PREFERENCE_NAME), st.text(), max_size=4
    ),
    frames.Token: st.text(min_size=1, max_size=MAX_TOKEN),
    frames.FileId: _file_ids,
    frames.FileIds: st.lists(_file_ids, max_size=MAX_FILES).map(tuple),
    frames.Sha256: st.text("0123456789abcdef", min_size=SHA256_SIZE, max_size=SHA256_SIZE),
    frames.Chunk: st.binary(min_size=1, max_size=100),
    frames.ChunkSize: st.integers(1, MAX_CHUNK),
    frames.Seen: st.dictionaries(st.text(), _seqs, max_size=5),
    frames.SeenTimes: st.dictionaries(st.text(), st.text(max_size=MAX_FIELD), max_size=5),
}


def built(cls: Any) -> st.SearchStrategy[Any]:
    """Make any `cls` that is legal, with every field set."""
    hints = get_type_hints(cls, include_extras=True)
    return st.builds(
        cls,
        **{name: _FIELDS[hint] for name, hint in hints.items() if name in cls.__struct_fields__},
    )


_FIELDS[m.Files] = st.lists(built(m.File), max_size=2).map(tuple)
_FIELDS[tuple[m.Reaction, ...]] = st.lists(built(m.Reaction), max_size=2).map(tuple)
_FIELDS[list[m.Hit]] = st.lists(built(m.Hit), max_size=4)
_FIELDS[list[m.AuditEntry]] = st.lists(built(m.AuditEntry), max_size=4)
_FIELDS[m.AuditEntry] = built(m.AuditEntry)
_FIELDS[list[m.RoomInfo]] = st.lists(built(m.RoomInfo), max_size=4)
_FIELDS[list[m.Line]] = st.lists(built(m.Line), max_size=4)
_FIELDS[list[m.Member]] = st.lists(built(m.Member), max_size=4)
_FIELDS[list[m.SshKeyInfo]] = st.lists(built(m.SshKeyInfo), max_size=4)
_FIELDS[list[m.SessionInfo]] = st.lists(built(m.SessionInfo), max_size=4)
_FIELDS[list[m.HookInfo]] = st.lists(built(m.HookInfo), max_size=4)
_FIELDS[list[m.InvitationInfo]] = st.lists(built(m.InvitationInfo), max_size=4)

# Characters of every kind, lone surrogates too, and often control characters.
anything = st.text(
    st.one_of(
        st.characters(),
        st.characters(max_codepoint=0xA0),
        st.characters(min_codepoint=0x2000, max_codepoint=0x2070),
        st.sampled_from("\r\n\x85\u2028\u061c\ud800\udfff\ufeff\ufff9\U000e0041\u0300\u0489\u20dd"),
    )
)


def type_of(cls: Any) -> str:
    """Return the `type` in a frame of `cls`."""
    return str(cls.__struct_config__.tag)


@st.composite
def cut(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """Cut `data` anywhere, into any number of pieces, empty ones too."""
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=30)))
    return [data[start:end] for start, end in pairwise([0, *places, len(data)])]
