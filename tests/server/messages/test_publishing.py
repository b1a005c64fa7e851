"""What somebody waits for is pushed; what others are told may leave with what follows."""

import trio

from chat_server.messages.publishing import Post, publish
from chat_server.net.outbox import Outbox
from chat_server.rooms.room import Room
from chat_server.sessions.session import Session
from chat_server.store.api import Draft, Receipt, RoomRecord
from chat_shared import messages as m
from chat_shared.proxy_header import Origin
from support.streams import ScriptedTransport


def connected(nursery: trio.Nursery) -> tuple[Session, ScriptedTransport]:
    session = Session(Origin(""), encode=m.encode, encode_all=m.encode_all)
    transport = ScriptedTransport()
    session.outbox = Outbox(transport, nursery, session.disconnect)
    return session, transport


async def test_an_author_waits_for_no_acknowledgement_and_others_may(nursery: trio.Nursery) -> None:
    ada, her = connected(nursery)
    ben, his = connected(nursery)
    room = Room(RoomRecord(1, "general", "", "", "", 0))
    for session in (ada, ben):
        room.attach(session)
    draft = Draft(room=1, author=1, nonce="n", text="hello")

    publish([Post(ada, 1, "ada", room, draft)], [Receipt(1, 1, 1, fresh=True)])

    assert b"accepted" in her.taken
    assert her.pushed == len(her.taken)
    assert b"posted" in his.taken
    assert his.pushed == 0
