"""Whatever is done to keys, tokens and passwords: who can log in is what a few lines say."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import apsw
from hypothesis import given, settings, strategies as st

from chat_server.store.api import FullError, GoneError, SshKeyRecord, TakenError
from chat_server.store.sqlite.database import configure, migrate
from chat_server.store.sqlite.store import SqliteStore

MOST_KEYS, KEPT = 2, 3
PASSWORD = b""

_accounts = st.sampled_from(["ada", "ben"])
_keys = st.sampled_from([b"k1", b"k2", b"k3"])
_steps = st.one_of(
    st.tuples(st.just("add"), _accounts, _keys),
    st.tuples(st.just("remove"), _accounts, _keys),
    st.tuples(st.just("log in"), _accounts, st.just(PASSWORD) | _keys),
    st.tuples(st.just("log out"), _accounts, st.integers(0, 9)),
    st.tuples(st.just("new password"), _accounts, st.integers(0, 9)),
    st.tuples(st.just("reset"), _accounts, st.none()),
    st.tuples(st.just("lock"), _accounts, st.booleans()),
)


class Model:
    """One account: its keys, and its tokens in their order, each with the key it is for."""

    def __init__(self) -> None:
        self.keys: list[bytes] = []
        self.tokens: list[tuple[bytes, bytes]] = []
        self.locked = False

    def add(self, key: bytes) -> type[Exception] | None:
        if key in self.keys:
            return TakenError
        if len(self.keys) >= MOST_KEYS:
            return FullError
        self.keys.append(key)
        return None

    def log_in(self, token: bytes, key: bytes) -> type[Exception] | None:
        if key != PASSWORD and (key not in self.keys or self.locked):
            return GoneError
        self.tokens.append((token, key))
        alike = [entry for entry in self.tokens if (entry[1] == PASSWORD) == (key == PASSWORD)]
        self.tokens = [entry for entry in self.tokens if entry not in alike[:-KEPT]]
        return None

    def remove(self, key: bytes) -> None:
        if key in self.keys:
            self.keys.remove(key)
            self.tokens = [entry for entry in self.tokens if entry[1] != key]

    def change_password(self, at: int, new: bytes) -> None:
        _, key = self.tokens[at]
        self.keys = [other for other in self.keys if other == key]
        self.tokens = [(new, key)]


@contextmanager
def new_store() -> Iterator[SqliteStore]:
    with closing(apsw.Connection(":memory:")) as db:
        configure(db, "process")
        migrate(db)
        yield SqliteStore(db)


@settings(max_examples=60)
@given(st.lists(_steps, max_size=25))
def test_who_can_log_in_is_what_the_model_says(steps: list[tuple[str, str, object]]) -> None:
    models = {"ada": Model(), "ben": Model()}
    with new_store() as store:
        ids = {name: store.add_account(name, name, "hash", 0).id for name in models}
        for number, (what, name, about) in enumerate(steps):
            _step(store, ids[name], models[name], what, about, b"t%d" % number)
            for each, model in models.items():
                _compare(store, each, ids[each], model)


def _step(
    store: SqliteStore, account: int, model: Model, what: str, about: object, new: bytes
) -> None:
    match what, about:
        case "add", bytes(key):
            record = SshKeyRecord(key, "ssh-ed25519", "", added=0)
            assert model.add(key) is _raised(store.add_ssh_key, account, record, MOST_KEYS)
        case "remove", bytes(key):
            model.remove(key)
            store.remove_ssh_key(account, key)
        case "log in", bytes(key) if key == PASSWORD:
            model.log_in(new, key)
            store.add_token(new, account, 0, KEPT)
        case "log in", bytes(key):
            raised = _raised(store.add_token_by_ssh_key, new, account, key, 0, KEPT)
            assert model.log_in(new, key) is raised
        case "log out", int(at) if at < len(model.tokens):
            store.revoke_token(model.tokens.pop(at)[0])
        case "new password", int(at) if at < len(model.tokens):
            store.change_password(account, "new", model.tokens[at][0], new)
            model.change_password(at, new)
        case "reset", None:
            model.keys = []
            store.reset_password(account, "new")
        case "lock", bool(locked):
            model.locked = locked
            store.set_locked(account, 1 if locked else None)


def _raised(do: object, *arguments: object) -> type[Exception] | None:
    assert callable(do)
    try:
        do(*arguments)
    except (TakenError, FullError, GoneError) as exc:
        return type(exc)
    return None


def _compare(store: SqliteStore, name: str, account: int, model: Model) -> None:
    assert {key.digest for key in store.ssh_keys(account)} == set(model.keys)
    assert {token.digest for token in store.tokens(account)} == {t for t, _ in model.tokens}
    for token, key in model.tokens:
        assert store.ssh_key_of_token(token) == key
        assert (store.account_of_token(token) is None) is model.locked
    for key in (b"k1", b"k2", b"k3"):
        assert store.has_ssh_key(name, key) is (key in model.keys and not model.locked)
