"""Importing from the old chat: passwords stay valid, and no SHA-1 is stored."""

import hashlib
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.accounts.accounts import Accounts
from chat_server.accounts.passwords import Passwords, Sha1InArgon2, argon2
from chat_server.admin.commands.legacy_file import LegacyChat, read_legacy_file
from chat_server.admin.commands.legacy_import import import_into, import_legacy
from chat_server.config import Config
from chat_server.errors import StartError
from chat_server.services import build_services
from chat_server.store.sqlite.connection import SqliteConnection
from chat_server.store.sqlite.offline import open_store
from chat_server.store.sqlite.store import SqliteStore
from chat_shared.limits import MAX_PASSWORD
from support.full_disk import files_of_at_most
from support.inline_storage import InlineStorage


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest()


USERS = {"Ada": sha1("swordfish"), "Ben": sha1("tuna")}
ROOMS = {"kitchen": "Soup Of The Day", "attic": {"password": "dust", "topic": "old things"}}


async def _accounts(storage: InlineStorage) -> Accounts:
    return (await build_services(Config(), storage, Passwords())).accounts


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with open_store(tmp_path / "chat.db") as store:
        yield store


def saved(tmp_path: Path, content: object, protocol: int | None = None) -> Path:
    """Return a file with `content`: JSON, or a pickle of that protocol."""
    file = tmp_path / "legacy"
    if protocol is None:
        file.write_text(json.dumps(content))
    else:
        file.write_bytes(pickle.dumps(content, protocol))
    return file


@pytest.mark.parametrize("protocol", [None, 0, 1, 2, 3, 4, 5])
def test_users_and_rooms_are_read_from_json_and_every_pickle_protocol(
    tmp_path: Path, protocol: int | None
) -> None:
    file = saved(tmp_path, {"users": USERS, "rooms": ROOMS}, protocol)

    legacy = read_legacy_file(file)

    assert legacy == LegacyChat(USERS, {"kitchen": "Soup Of The Day", "attic": "dust"})


def test_a_bare_mapping_is_read_as_users(tmp_path: Path) -> None:
    assert read_legacy_file(saved(tmp_path, USERS, 4)) == LegacyChat(USERS)


def test_values_that_are_not_text_are_named_and_skipped(tmp_path: Path) -> None:
    content = {"users": {"Ada": 7, "Ben": USERS["Ben"], 5: "x"}, "rooms": {"attic": None}}

    legacy = read_legacy_file(saved(tmp_path, content, 4))

    assert legacy.users == {"Ben": USERS["Ben"]}
    assert legacy.rooms == {}
    assert legacy.invalid == ["'Ada'", "(a name that is not text)", "'attic'"]


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("/nowhere/boom"),))  # type: ignore[return-value]


@pytest.mark.parametrize("value", [Bomb(), object(), bytearray(b"x"), print])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_calls_anything_is_refused(
    tmp_path: Path, value: object, protocol: int
) -> None:
    file = saved(tmp_path, {"users": {"Ada": value}}, protocol)

    with pytest.raises(StartError, match="is not a file from the old chat: expected JSON"):
        read_legacy_file(file)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\x80\x04", b"\x80\x04.", b"hello", b"[" * 100_000, b"\xff" * 9]
)
def test_a_file_that_is_neither_json_nor_a_pickle_is_refused(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "legacy"
    file.write_bytes(content)

    with pytest.raises(StartError, match="is not a file from the old chat"):
        read_legacy_file(file)


@pytest.mark.parametrize("content", [[], 7, None, {"users": []}, {"rooms": "x"}])
def test_an_unexpected_shape_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(StartError, match="no users or rooms"):
        read_legacy_file(saved(tmp_path, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"Cannot read .*nothing"):
        read_legacy_file(tmp_path / "nothing")


def test_a_disk_that_is_full_is_reported_in_a_sentence_and_a_second_run_does_the_rest(
    tmp_path: Path,
) -> None:
    users = {f"user{number}": hashlib.sha1(b"x").hexdigest() for number in range(20)}
    legacy = saved(tmp_path, users, None)
    with open_store(tmp_path / "chat.db"):
        pass

    with files_of_at_most(40_960), pytest.raises(StartError, match="The import stopped"):
        import_legacy(legacy, data=tmp_path)

    assert import_legacy(legacy, data=tmp_path) == 0
    with open_store(tmp_path / "chat.db") as store:
        assert all(store.account(name) for name in users)


async def test_old_passwords_work_and_are_rehashed_at_the_first_log_in(
    store: SqliteStore,
) -> None:
    import_into(store, LegacyChat(USERS))
    account = store.account("ada")
    assert account is not None

    right, update = await Passwords().verify_and_update("swordfish", account.password, "")
    wrong, _ = await Passwords().verify_and_update("tuna", account.password, "")

    assert right
    assert not wrong
    assert update is not None
    assert update.startswith("$argon2id$")
    assert await Passwords(argon2()).verify("swordfish", update, "")


@pytest.mark.parametrize(
    "old",
    [
        *("Zoe\u0308 horse".encode(), "caf\u00e9 latin".encode("latin-1")),
        *("no\u00a0break".encode(), b"tab\there", b"x" * 300),
    ],
)
async def test_an_old_password_works_as_it_was_typed(store: SqliteStore, old: bytes) -> None:
    digest = hashlib.sha1(old, usedforsecurity=False).hexdigest()
    import_into(store, LegacyChat({"Ada": digest}))
    accounts = await _accounts(InlineStorage(SqliteConnection(store._db)))
    typed = old.decode("latin-1" if b"latin" in old else "utf-8")

    await accounts.log_in("Ada", typed)
    await accounts.log_in("Ada", typed)  # by the new hash, if there can be one
    account = store.account("ada")
    assert account is not None
    can_be_prepared = b"\t" not in old and len(old) <= MAX_PASSWORD
    assert account.password.startswith("$argon2id$") is can_be_prepared


async def test_the_digest_itself_is_not_accepted_as_a_password(store: SqliteStore) -> None:
    import_into(store, LegacyChat(USERS))
    account = store.account("ada")
    assert account is not None

    assert not await Passwords().verify(USERS["Ada"], account.password, "")


async def test_room_passwords_still_work_in_any_case(store: SqliteStore) -> None:
    import_into(store, LegacyChat(rooms={"kitchen": "Soup Of The Day"}))

    (room,) = (room for room in store.rooms() if room.name == "kitchen")

    assert await Passwords().verify("soup of the day", room.password, "")
    assert room.owner == ""


def test_neither_a_digest_nor_a_password_is_stored(tmp_path: Path) -> None:
    file = saved(tmp_path, {"users": USERS, "rooms": {"kitchen": "Soup Of The Day"}})

    import_legacy(file, data=tmp_path / "data")

    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert b"Ada" in kept
    for secret in (*USERS.values(), "swordfish", "Soup Of", "soup of"):
        assert secret.encode() not in kept
        assert secret.upper().encode() not in kept


def test_a_second_run_changes_nothing(store: SqliteStore) -> None:
    legacy = LegacyChat(USERS, {"kitchen": "soup"})
    first = import_into(store, legacy)
    before = store.account("ada"), store.rooms()

    second = import_into(store, legacy)

    assert (first.accounts, first.rooms, first.skipped) == (2, 1, [])
    assert (second.accounts, second.rooms) == (0, 0)
    assert second.skipped == [
        "account 'Ada': the name is already taken",
        "account 'Ben': the name is already taken",
        "room 'kitchen': the name is already taken",
    ]
    assert (store.account("ada"), store.rooms()) == before


def test_skipped_entries_are_reported_with_their_reason(store: SqliteStore) -> None:
    users = {
        "good": sha1("x"),
        "GOOD": sha1("y"),
        "two words": sha1("z"),
        "plain": "swordfish",
        "careless": sha1(""),
        "": sha1("x"),
    }
    rooms = {"general": "x", "open": " "}

    outcome = import_into(store, LegacyChat(users, rooms, ["'odd'"]))

    assert (outcome.accounts, outcome.rooms) == (1, 0)
    assert outcome.skipped == [
        "'odd': its value is not text",
        "account 'GOOD': the name is already taken",
        (
            "account 'two words': "
            "A name can contain letters, digits and punctuation such as . _ -, but no spaces."
        ),
        "account 'plain': its password is not a hexadecimal SHA-1",
        "account 'careless': its password is empty",
        "account '': A name can't be empty.",
        "room 'general': the name is already taken",
        "room 'open': it has no password",
    ]


def test_a_wrapped_digest_is_distinguished_from_other_hashes() -> None:
    hasher = Sha1InArgon2()

    assert hasher.identify(hasher.wrap(sha1("x")))
    assert hasher.verify("x", hasher.wrap(sha1("x").upper()))
    assert hasher.verify("x", hasher.hash("x"))
    assert not hasher.identify(argon2().hash("x"))
    assert not hasher.identify(sha1("x"))
    assert not hasher.identify(b"sha1$argon2")
