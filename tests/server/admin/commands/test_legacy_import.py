"""Taking over the old chat: passwords go on working, and no SHA-1 stays at rest."""

import hashlib
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.accounts.passwords import Passwords, Sha1InArgon2, argon2
from chat_server.admin.commands.legacy_file import Origin, read_origin
from chat_server.admin.commands.legacy_import import import_origin, take_over
from chat_server.errors import StartError
from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.store import SqliteStore


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest()


USERS = {"Ada": sha1("swordfish"), "Ben": sha1("tuna")}
ROOMS = {"kitchen": "Soup Of The Day", "attic": {"password": "dust", "topic": "old things"}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with open_store(tmp_path / "chat.db") as store:
        yield store


def saved(tmp_path: Path, content: object, protocol: int | None = None) -> Path:
    """Return a file with `content`: JSON, or a pickle of that protocol."""
    file = tmp_path / "origin"
    if protocol is None:
        file.write_text(json.dumps(content))
    else:
        file.write_bytes(pickle.dumps(content, protocol))
    return file


@pytest.mark.parametrize("protocol", [None, 0, 1, 2, 3, 4, 5])
def test_users_and_rooms_are_read_however_they_were_saved(
    tmp_path: Path, protocol: int | None
) -> None:
    file = saved(tmp_path, {"users": USERS, "rooms": ROOMS}, protocol)

    origin = read_origin(file)

    assert origin == Origin(USERS, {"kitchen": "Soup Of The Day", "attic": "dust"})


def test_a_bare_mapping_is_the_users(tmp_path: Path) -> None:
    assert read_origin(saved(tmp_path, USERS, 4)) == Origin(USERS)


def test_what_is_no_text_is_named_and_left_out(tmp_path: Path) -> None:
    content = {"users": {"Ada": 7, "Ben": USERS["Ben"], 5: "x"}, "rooms": {"attic": None}}

    origin = read_origin(saved(tmp_path, content, 4))

    assert origin.users == {"Ben": USERS["Ben"]}
    assert origin.rooms == {}
    assert origin.strange == ["'Ada'", "(a name that is no text)", "'attic'"]


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("/nowhere/boom"),))  # type: ignore[return-value]


@pytest.mark.parametrize("value", [Bomb(), object(), bytearray(b"x"), print])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_would_call_anything_is_not_read(
    tmp_path: Path, value: object, protocol: int
) -> None:
    file = saved(tmp_path, {"users": {"Ada": value}}, protocol)

    with pytest.raises(StartError, match="neither JSON nor a pickle of plain containers"):
        read_origin(file)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\x80\x04", b"\x80\x04.", b"hello", b"[" * 100_000, b"\xff" * 9]
)
def test_what_is_neither_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "origin"
    file.write_bytes(content)

    with pytest.raises(StartError, match="neither JSON nor"):
        read_origin(file)


@pytest.mark.parametrize("content", [[], 7, None, {"users": []}, {"rooms": "x"}])
def test_another_shape_is_refused_with_a_sentence(tmp_path: Path, content: object) -> None:
    with pytest.raises(StartError, match="no users and no rooms"):
        read_origin(saved(tmp_path, content))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"nothing cannot be read"):
        read_origin(tmp_path / "nothing")


async def test_old_passwords_work_and_are_kept_anew_at_the_first_log_in(
    store: SqliteStore,
) -> None:
    take_over(store, Origin(USERS))
    account = store.account("ada")
    assert account is not None

    right, update = await Passwords().verify_and_update("swordfish", account.password)
    wrong, _ = await Passwords().verify_and_update("tuna", account.password)

    assert right
    assert not wrong
    assert update is not None
    assert update.startswith("$argon2id$")
    assert await Passwords(argon2()).verify("swordfish", update)


async def test_the_digest_itself_opens_nothing(store: SqliteStore) -> None:
    take_over(store, Origin(USERS))
    account = store.account("ada")
    assert account is not None

    assert not await Passwords().verify(USERS["Ada"], account.password)


async def test_room_passwords_work_as_they_were_in_whatever_case(store: SqliteStore) -> None:
    take_over(store, Origin(rooms={"kitchen": "Soup Of The Day"}))

    (room,) = (room for room in store.rooms() if room.name == "kitchen")

    assert await Passwords().verify("soup of the day", room.password)
    assert room.owner == ""


def test_neither_a_digest_nor_a_password_is_at_rest(tmp_path: Path) -> None:
    file = saved(tmp_path, {"users": USERS, "rooms": {"kitchen": "Soup Of The Day"}})

    import_origin(file, data=tmp_path / "data")

    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert b"Ada" in kept
    for secret in (*USERS.values(), "swordfish", "Soup Of", "soup of"):
        assert secret.encode() not in kept
        assert secret.upper().encode() not in kept


def test_a_second_run_changes_nothing(store: SqliteStore) -> None:
    origin = Origin(USERS, {"kitchen": "soup"})
    first = take_over(store, origin)
    before = store.account("ada"), store.rooms()

    second = take_over(store, origin)

    assert (first.accounts, first.rooms, first.skipped) == (2, 1, [])
    assert (second.accounts, second.rooms) == (0, 0)
    assert second.skipped == [
        "account 'Ada': the name is taken here",
        "account 'Ben': the name is taken here",
        "room 'kitchen': the name is taken here",
    ]
    assert (store.account("ada"), store.rooms()) == before


def test_what_cannot_be_taken_over_is_said_with_its_reason(store: SqliteStore) -> None:
    users = {
        "good": sha1("x"),
        "GOOD": sha1("y"),
        "two words": sha1("z"),
        "plain": "swordfish",
        "careless": sha1(""),
        "": sha1("x"),
    }
    rooms = {"general": "x", "open": " "}

    outcome = take_over(store, Origin(users, rooms, ["'odd'"]))

    assert (outcome.accounts, outcome.rooms) == (1, 0)
    assert outcome.skipped == [
        "'odd': its value is no text",
        "account 'GOOD': the name is taken here",
        "account 'two words': A name can contain letters, digits and signs, but no spaces.",
        "account 'plain': its password is no SHA-1 in hexadecimal",
        "account 'careless': its password is empty",
        "account '': A name must have 1 to 32 characters.",
        "room 'general': the name is taken here",
        "room 'open': it has no password",
    ]


def test_a_wrapped_digest_is_told_from_other_hashes() -> None:
    hasher = Sha1InArgon2()

    assert hasher.identify(hasher.wrap(sha1("x")))
    assert hasher.verify("x", hasher.wrap(sha1("x").upper()))
    assert hasher.verify("x", hasher.hash("x"))
    assert not hasher.identify(argon2().hash("x"))
    assert not hasher.identify(sha1("x"))
    assert not hasher.identify(b"sha1$argon2")
