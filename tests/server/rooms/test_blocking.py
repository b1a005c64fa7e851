"""Blocking: no new direct messages between two accounts, and no posts in the one they have."""

import pytest

from chat_server.store.api import Store
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_BLOCKED, MAX_FRAME, MAX_ID
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, running_server

ROOM = "@1-2"  # of the first two accounts
THEIRS = "You can't message Ada."
OWN = "You have blocked Ben. Unblock them first."


async def _block(peer: Peer, name: str) -> None:
    await peer.grant(m.Block(name, id=peer.number()), m.Ok)


async def _unblock(peer: Peer, name: str) -> None:
    await peer.grant(m.Unblock(name, id=peer.number()), m.Ok)


async def _blocked(peer: Peer) -> list[str]:
    return (await peer.grant(m.Blocked(id=peer.number()), m.BlockedList)).names


async def _refused(peer: Peer, request: m.Request) -> str:
    """Return the sentence that refuses `request`, which is forbidden."""
    refusal = await peer.refusal(request)
    assert refusal.code == Code.FORBIDDEN
    return refusal.message


async def _pair(server: RunningServer) -> tuple[Peer, Peer]:
    """Return Ada and Ben, who have sent each other direct messages."""
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await ada.grant(m.Direct("Ben", id=ada.number()), m.Joined)
    await ben.post("soup?", ROOM)
    await ada.post("no", ROOM)
    for peer in ada, ben:
        await peer.ping()
        peer.unread.clear()
    return ada, ben


def _anything_posted(peer: Peer, own: int) -> list[m.Request]:
    return [
        m.Post(ROOM, "Psst!", "nonce-1", id=peer.number()),
        m.Edit(ROOM, own, "Psst!", "nonce-2", id=peer.number()),
        m.React(ROOM, 1, "🍲", "nonce-3", id=peer.number()),
        m.Typing(ROOM, id=peer.number()),
    ]


# --- a direct message that exists


async def test_a_blocked_participant_can_post_nothing_and_learns_why(
    server: RunningServer,
) -> None:
    ada, ben = await _pair(server)
    await ada.grant(m.Watch(ROOM, id=ada.number()), m.Joined)
    await _block(ada, "BEN")

    for request in _anything_posted(ben, own=1):
        assert await _refused(ben, request) == THEIRS
    assert (await ada.join(ROOM)).last_seq == 2
    await ada.expect_nothing_more()


async def test_the_blocking_participant_cannot_post_either_until_they_unblock(
    server: RunningServer,
) -> None:
    ada, ben = await _pair(server)
    await _block(ada, "Ben")

    for request in _anything_posted(ada, own=2):
        assert await _refused(ada, request) == OWN
    await _unblock(ada, "Ben")
    await ada.post("soup!", ROOM)
    await ben.post("soup!", ROOM)


async def test_where_both_block_each_learns_of_their_own_block_first(
    server: RunningServer,
) -> None:
    ada, ben = await _pair(server)
    await _block(ada, "Ben")
    await _block(ben, "Ada")

    assert await _refused(ben, ben.draft("hm", ROOM)) == "You have blocked Ada. Unblock them first."
    await _unblock(ben, "Ada")
    assert await _refused(ben, ben.draft("hm", ROOM)) == THEIRS
    await _block(ben, "Ada")
    for peer, name in (ada, "Ben"), (ben, "Ada"):
        sentence = f"You have blocked {name}. Unblock them first."
        assert await _refused(peer, m.Direct(name, id=peer.number())) == sentence


async def test_all_devices_of_both_are_refused(server: RunningServer) -> None:
    ada, _ = await _pair(server)
    ada_too, ben_too = await server.log_in("Ada"), await server.log_in("Ben")
    await _block(ada_too, "Ben")

    assert await _blocked(ada) == await _blocked(ada_too) == ["Ben"]
    assert await _refused(ada, ada.draft("hm", ROOM)) == OWN
    assert await _refused(ben_too, ben_too.draft("hm", ROOM)) == THEIRS


async def test_a_blocked_participant_can_still_read_and_delete_their_messages(
    server: RunningServer,
) -> None:
    ada, ben = await _pair(server)
    await _block(ada, "Ben")
    await ben.delete(1, ROOM)

    assert [line.text for line in (await ben.history(ROOM)).messages] == ["", "no", ""]
    assert (await ada.expect(m.Deleted)).of == 1


async def test_nothing_a_blocked_participant_does_makes_the_other_rejoin(
    server: RunningServer,
) -> None:
    ada, ben = await _pair(server)
    await _block(ada, "Ben")
    await ada.exit(ROOM)
    await ada.expect(m.Left)

    for request in _anything_posted(ben, own=1):
        assert await _refused(ben, request) == THEIRS
    await ben.delete(1, ROOM)
    assert await _refused(ben, m.Direct("Ada", id=ben.number())) == THEIRS
    await ada.expect_nothing_more()


async def test_nothing_changes_in_other_rooms_and_nobody_is_notified(server: RunningServer) -> None:
    ada, ben = await _pair(server)
    await _block(ada, "Ben")

    await ben.expect_nothing_more()
    await ben.post("hello, @ada")
    assert [event.text for event in await ada.expect_posted(1)] == ["hello, @ada"]


# --- a direct message that does not exist


async def test_neither_can_open_a_direct_message_with_the_other(server: RunningServer) -> None:
    ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
    await _block(ada, "Ben")
    ben.unread.clear()

    assert await _refused(ben, m.Direct("Ada", id=ben.number())) == THEIRS
    assert await _refused(ada, m.Direct("Ben", id=ada.number())) == OWN
    await ben.expect_nothing_more()
    assert len(await server.storage.read(lambda store: store.rooms())) == 1
    await _unblock(ada, "Ben")
    await ben.grant(m.Direct("Ada", id=ben.number()), m.Joined)


# --- how long it lasts


async def test_a_block_survives_a_restart(storage: InlineStorage) -> None:
    async with running_server(storage) as server:
        ada, ben = await _pair(server)
        await _block(ada, "Ben")
    async with running_server(storage) as server:
        ada, ben = await server.log_in("Ada"), await server.log_in("Ben")
        assert await _blocked(ada) == ["Ben"]
        assert await _blocked(ben) == []
        assert await _refused(ben, ben.draft("Psst!", ROOM)) == THEIRS
        assert await _refused(ada, ada.draft("Psst!", ROOM)) == OWN


@pytest.mark.parametrize("who", ["Ada", "Ben"])
async def test_a_block_ends_with_either_account(server: RunningServer, who: str) -> None:
    peers = dict(zip(("Ada", "Ben"), await _pair(server), strict=True))
    await _block(peers["Ada"], "Ben")
    other = peers["Ben" if who == "Ada" else "Ada"]
    kept = await server.services.accounts._passwords.hash(PASSWORD, "")
    account = peers[who]
    await server.storage.write(lambda store: _set_password(store, who.lower(), kept))
    await account.grant(m.DeleteAccount(PASSWORD, id=1), m.Ok)

    refusal = await other.refusal(other.draft("Are you there?", ROOM))
    assert refusal.message.startswith(f"The account {who} was deleted.")
    assert await server.storage.read(lambda store: store.blocked(1)) == []


def _set_password(store: Store, key: str, kept: str) -> None:
    account = store.account(key)
    assert account is not None
    store.set_password(account.id, kept)


# --- refused


@pytest.mark.parametrize("name", ["nobody", "", "a b", "\0", "x" * 10_000])
async def test_only_existing_accounts_can_be_blocked(server: RunningServer, name: str) -> None:
    ada = await server.log_in("Ada")

    for request in m.Block(name, id=1), m.Unblock(name, id=2):
        refusal = await ada.refusal(request)
        assert (refusal.code, refusal.message) == (
            Code.UNKNOWN_ACCOUNT,
            "There is no account with this name.",
        )
    assert await _blocked(ada) == []


async def test_nobody_can_block_themselves(server: RunningServer) -> None:
    ada = await server.log_in("Ada")

    assert await _refused(ada, m.Block("ADA", id=1)) == "You can't do that to yourself."


async def test_blocking_twice_is_harmless_and_unblocking_twice_is_refused(
    server: RunningServer,
) -> None:
    ada, _ = await _pair(server)
    await _block(ada, "Ben")
    await _block(ada, "Ben")
    await _unblock(ada, "Ben")

    assert await _refused(ada, m.Unblock("ben", id=1)) == "You haven't blocked Ben."


async def test_no_more_can_be_blocked_than_fit_a_frame(server: RunningServer) -> None:
    ada = await server.log_in("Ada")
    names = ["𐐨" * 28 + f"{number:04}" for number in range(MAX_BLOCKED + 1)]  # four bytes each

    def fill(store: Store) -> None:
        for name in names:
            other = store.add_account(name, name, "", 0)
            assert store.block(1, other.id, MAX_BLOCKED) == (name != names[-1])

    await server.storage.write(fill)
    assert await _refused(ada, m.Block(names[-1], id=1)) == (
        "You have blocked 400 people, which is the limit. Unblock someone first."
    )
    await _block(ada, names[0])
    assert await _blocked(ada) == names[:-1]
    assert len(m.encode(m.BlockedList(re=MAX_ID, names=names[:-1]))) < MAX_FRAME
