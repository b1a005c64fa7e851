"""PROTOCOL.md describes the code: its examples are run, and its tables compared."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest

import chat_shared
from chat_shared import limits, messages as m
from chat_shared.connection import Connection, Role, State
from chat_shared.errors import BadFrame, Code, Refused
from chat_shared.links import DEFAULT_PORT, parse_link
from chat_shared.names import check_name, check_password
from chat_shared.text import has_controls

from .strategies import MESSAGES, REPLIES, REQUESTS, type_of

_FILE = Path(chat_shared.__file__).parents[1] / "PROTOCOL.md"
_TEXT = _FILE.read_text(encoding="utf-8")
_BLOCKS: list[tuple[str, str]] = re.findall(
    r"^```(\w*)\n(.*?)^```$", _TEXT, re.DOTALL | re.MULTILINE
)
_LINES = "".join(text for language, text in _BLOCKS if not language).splitlines()
_PROSE = re.sub(r"^```.*?^```$", "", _TEXT, flags=re.DOTALL | re.MULTILINE)
_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _PROSE.splitlines()
    if line.startswith("| `")
]
_NUMBERS = {name: value for name, value in vars(limits).items() if name.isupper()}

_Read: TypeAlias = m.Message | Refused | BadFrame


class _Example:
    """Two ends that run an example of the page, line by line, and check it."""

    def __init__(self) -> None:
        self.client = Connection(Role.CLIENT)
        self.server = Connection(Role.SERVER)
        self.pending: dict[int, type[m.Request]] = {}  # requests without a reply yet
        self.refused: Refused | BadFrame | None = None  # what the next line must answer

    def ask(self, line: str) -> _Read:
        """Let the server receive `line`, which it may refuse."""
        self.server.receive(line.encode() + b"\n")
        try:
            request = self.server.next_message()
        except (Refused, BadFrame) as refused:
            self.refused = refused
            return refused
        assert isinstance(request, REQUESTS)
        assert self.client.send(request)
        assert request.id not in self.pending
        self.pending[request.id] = type(request)
        return request

    def answer(self, line: str) -> _Read:
        """Let the server send `line` and the client receive it, if that is legal here."""
        self.client.receive(line.encode() + b"\n")
        message = self.client.next_message()
        assert message is not None, f"of an unknown type: {line}"
        assert self.server.send(message)
        if self.refused:
            assert message == _error_for(self.refused)
            self.refused = None
        elif isinstance(message, REPLIES):
            assert message.re is not None
            assert type(message) in (m.Error, self.pending.pop(message.re).granted)
        return message


def _error_for(refused: Refused | BadFrame) -> m.Error:
    if isinstance(refused, Refused):
        return m.Error(refused.code, refused.message, refused.re, refused.retry_after)
    return m.Error(Code.BAD_REQUEST, str(refused))


def _run_all() -> Iterator[tuple[_Example, str, _Read]]:
    """Run the page's examples; give each line with the message it was read as."""
    example = _Example()
    for line in _LINES:
        side, _, frame = line.partition(" ")
        if frame.startswith('{"type":"hello"'):
            example = _Example()
        sent = example.ask(frame) if side == "C:" else example.answer(frame)
        yield example, frame, sent


def _sent() -> list[_Read]:
    return [sent for _, _, sent in _run_all()]


def _code(cell: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", cell))


def test_every_line_of_an_example_names_its_sender() -> None:
    assert len(_LINES) > 60
    assert {line[:3] for line in _LINES} == {"C: ", "S: "}


def test_the_first_example_begins_with_the_connection() -> None:
    assert _LINES[0].startswith('S: {"type":"hello"')


def test_the_examples_are_legal_from_line_to_line() -> None:
    assert len(_sent()) == len(_LINES)


def test_no_example_leaves_a_request_without_its_reply() -> None:
    for example, _, _ in _run_all():
        if example.server.state is State.CLOSED:
            assert not example.pending
    assert example.refused is None


def test_no_number_of_a_room_comes_twice_or_is_left_out() -> None:
    newest: dict[tuple[int, str], int] = {}
    run = list(_run_all())  # at once: the next conversation must not be where the last one was
    for example, _, sent in run:
        key = (id(example), getattr(sent, "room", ""))
        match sent:
            case m.Posted(seq=seq) | m.Edited(seq=seq) | m.Deleted(seq=seq) if key in newest:
                assert seq == newest[key] + 1
            case m.Gap(after=after, before=before):
                assert after < before - 1
        match sent:
            case m.Posted(seq=seq) | m.Edited(seq=seq) | m.Deleted(seq=seq) | m.Reacted(seq=seq):
                newest[key] = seq
            case m.Gap(before=before):
                newest[key] = before - 1


def test_a_message_is_accepted_under_the_number_and_time_it_is_posted_with() -> None:
    sent = _sent()
    placed = (m.Posted, m.Edited, m.Deleted, m.Reacted)
    places = {(p.room, p.seq): p.at for p in sent if isinstance(p, placed)}

    accepted = [a for a in sent if isinstance(a, m.Accepted)]
    assert accepted
    for answer in accepted:
        assert places[answer.room, answer.seq] == answer.at


def test_the_messages_of_the_examples_can_be_sent() -> None:
    for sent in _sent():
        match sent:
            case m.Posted(text=text, author=author, at=at, room=room):
                assert not has_controls(text)
                person = author.removesuffix(" (hook)")
                assert check_name(person) == person
                assert check_name(room) == room
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", at)
            case m.Register(password=password) | m.Login(password=password):
                assert check_password(password) == password
            case m.Created(password=password):
                assert re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){2}[0-9a-hjkmnp-tv-z]{4}", password)
            case m.Welcome(rooms=rooms, guest_until=until):
                assert (rooms[0].room == limits.GENERAL) is (not until)
            case m.Error(code=code):
                assert Code(code)


def _server_texts() -> Iterator[str]:
    """Yield the texts in the server's code as patterns, with anything where a value is inserted."""
    for package in ("server/chat_server", "shared/chat_shared"):
        for path in (_FILE.parents[1] / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                parts = node.values if isinstance(node, ast.JoinedStr) else [node]
                pattern = "".join(map(_pattern, parts))
                if re.search(r"[a-z]{3}", pattern):  # or it would match anything
                    yield pattern


def _pattern(part: ast.AST) -> str:
    match part:
        case ast.Constant(value=str(text)):
            return re.escape(text)
        case ast.FormattedValue():
            return ".+"
    return ""


def test_the_examples_quote_what_the_server_sends() -> None:
    errors = {sent.message for sent in _sent() if isinstance(sent, m.Error)}
    reasons = {sent.reason for sent in _sent() if isinstance(sent, m.Bye)}
    theirs = {text for text in errors if text.startswith("Expected ")}  # msgspec's

    sent = re.compile("|".join(set(_server_texts())))
    assert [text for text in errors - theirs | reasons if not sent.fullmatch(text)] == []


def test_the_frames_have_the_fields_that_this_version_writes_and_no_others() -> None:
    for _, frame, sent in _run_all():
        if not isinstance(sent, Refused | BadFrame):
            assert msgspec.json.decode(frame) == msgspec.json.decode(m.encode(sent))


@pytest.mark.parametrize("cls", MESSAGES, ids=type_of)
def test_every_type_of_message_is_shown_in_an_example(cls: type[m.Message]) -> None:
    assert any(isinstance(sent, cls) for sent in _sent())


@pytest.mark.parametrize("cls", MESSAGES, ids=type_of)
def test_every_type_of_message_is_described_with_all_its_fields(cls: type[m.Message]) -> None:
    described = [_code(row[1]) for row in _ROWS if row[0] == f"`{type_of(cls)}`"]

    assert set(cls.__struct_fields__) - {"id", "re"} in described


@pytest.mark.parametrize("cls", REQUESTS, ids=type_of)
def test_every_request_is_described_with_its_reply(cls: type[m.Request]) -> None:
    replies = [_code(row[2]) for row in _ROWS if row[0] == f"`{type_of(cls)}`"]

    assert any(type_of(cls.granted) in reply for reply in replies)


@pytest.mark.parametrize(
    "part",
    [m.RoomInfo, m.Line, m.Member, m.SessionInfo, m.SshKeyInfo, m.Hit, m.AuditEntry],
    ids=lambda cls: cls.__name__,
)
def test_the_structures_in_lists_are_described(part: Callable[..., Any]) -> None:
    fields = set(part.__struct_fields__)  # type: ignore[attr-defined]

    assert any(fields <= _code(cell) for row in _ROWS for cell in row[2:])


def test_every_code_is_explained_once_with_what_to_do() -> None:
    codes = [code.value for code in Code]
    explained = [row for row in _ROWS if row[0].strip("`") in codes]

    assert sorted(row[0].strip("`") for row in explained) == sorted(codes)
    for _, meaning, remedy in explained:
        assert meaning
        assert remedy


def test_every_limit_of_the_code_is_in_the_table_as_it_is() -> None:
    table = {row[0].strip("`"): row[1] for row in _ROWS if row[0].strip("`") in _NUMBERS}

    assert table == {
        name: value if isinstance(value, str) else f"{value:,.0f}"
        for name, value in _NUMBERS.items()
    }


def test_every_limit_in_the_text_is_one_of_the_table() -> None:
    units = "bytes|characters|seconds|messages"
    text = _PROSE.partition("What else a server bounds")[0]  # which no peer relies on
    numbers = re.findall(rf"([\d,]+) (?:missed )?(?:{units})\b", text.replace("\n", " "))
    back_off = {"1", "30"}  # seconds, before a client tries again

    assert len(numbers) > 8
    known = {f"{value:,.0f}" for value in _NUMBERS.values() if not isinstance(value, str)}
    assert set(numbers) <= known | back_off


def test_the_states_are_those_of_the_code() -> None:
    drawn = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)?\b", _TEXT.split("```text")[1].split("```")[0]))

    assert drawn == {state.name for state in State}


def test_the_links_of_the_page_are_links() -> None:
    links = re.findall(r"^chat://.*$", _TEXT, re.MULTILINE)
    plain, invitation, two = map(parse_link, links)

    assert [str(plain), str(invitation), str(two)] == links
    assert plain.port == DEFAULT_PORT
    assert all((plain.host, plain.room, plain.fingerprint, plain.password))
    assert all((invitation.code, invitation.ssh_port, invitation.ssh_key))
    assert len(two.alts) == 1


def test_every_message_is_a_request_a_reply_or_an_event() -> None:
    assert set(MESSAGES) == set(m.MESSAGES)
