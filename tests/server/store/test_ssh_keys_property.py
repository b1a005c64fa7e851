"""Whatever is done to keys, tokens and passwords: who can log in is what a few lines say."""

from random import Random

import pytest

from chat_server.store.api import FullError, GoneError, SshKeyRecord, Store, TakenError

MOST_KEYS, KEPT = 2, 3
PASSWORD = b""

KEYS = (b"k1", b"k2", b"k3")
STEPS = 600
# Adding keys and logging in come often: only then is there something for the others to change.
_ACTIONS = {
    "add": 4, "log in": 4, "log in by key": 6, "remove": 1, "log out": 2, "new password": 1,
    "reset": 1, "lock": 1,
}  # fmt: skip


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


@pytest.mark.parametrize("seed", range(3))
def test_who_can_log_in_is_what_the_model_says(store: Store, seed: int) -> None:
    chance, models = Random(seed), {"ada": Model(), "ben": Model()}
    ids = {name: store.add_account(name, name, "hash", 0).id for name in models}
    for number in range(STEPS):
        name = chance.choice(list(models))
        what = chance.choices(list(_ACTIONS), list(_ACTIONS.values()))[0]
        _step(store, ids[name], models[name], what, chance, b"t%d" % number)
        for each, model in models.items():
            _compare(store, each, ids[each], model)


def _step(store: Store, account: int, model: Model, what: str, chance: Random, new: bytes) -> None:
    key = chance.choice(KEYS)
    at = chance.randrange(len(model.tokens)) if model.tokens else None
    match what:
        case "add":
            record = SshKeyRecord(key, "ssh-ed25519", "", added=0)
            assert model.add(key) is _raised(store.add_ssh_key, account, record, MOST_KEYS)
        case "remove":
            model.remove(key)
            store.remove_ssh_key(account, key)
        case "log in":
            model.log_in(new, PASSWORD)
            store.add_token(new, account, 0, KEPT)
        case "log in by key":
            raised = _raised(store.add_token_by_ssh_key, new, account, key, 0, KEPT)
            assert model.log_in(new, key) is raised
        case "log out" if at is not None:
            store.revoke_token(model.tokens.pop(at)[0])
        case "new password" if at is not None:
            store.change_password(account, "new", model.tokens[at][0], new)
            model.change_password(at, new)
        case "reset":
            model.keys = []
            store.reset_password(account, "new")
        case "lock":
            model.locked = not model.locked
            store.set_locked(account, 1 if model.locked else None)


def _raised(do: object, *arguments: object) -> type[Exception] | None:
    assert callable(do)
    try:
        do(*arguments)
    except (TakenError, FullError, GoneError) as exc:
        return type(exc)
    return None


def _compare(store: Store, name: str, account: int, model: Model) -> None:
    assert {key.digest for key in store.ssh_keys(account)} == set(model.keys)
    assert {token.digest for token in store.tokens(account)} == {t for t, _ in model.tokens}
    for token, key in model.tokens:
        assert store.ssh_key_of_token(token) == key
        assert (store.account_of_token(token) is None) is model.locked
    for key in KEYS:
        assert store.has_ssh_key(name, key) is (key in model.keys and not model.locked)
