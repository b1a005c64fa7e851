"""The tables, as migrations in order. Number n of MIGRATIONS leads to version n + 1.

A migration that has been released never changes; a new one is added behind it.
Times are milliseconds since 1970, UTC. `key` columns hold folded names.
"""

from typing import Final

MIGRATIONS: Final = [
    """
    CREATE TABLE account (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password TEXT NOT NULL,
        created INTEGER NOT NULL
    ) STRICT;

    -- What lets a device come back without a password; only the SHA-256 is kept.
    CREATE TABLE token (
        digest BLOB PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        created INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX token_account ON token (account, created);

    -- `last_seq` is kept here and not asked of `message`, so that a number is
    -- never given twice, whatever is deleted later.
    CREATE TABLE room (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        owner INTEGER REFERENCES account ON DELETE SET NULL,
        topic TEXT NOT NULL DEFAULT '',
        password TEXT NOT NULL,
        created INTEGER NOT NULL,
        last_seq INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE member (
        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        since INTEGER NOT NULL,
        PRIMARY KEY (account, room)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX member_room ON member (room, account);

    -- `id` is the order of commits over all rooms. The nonce index is what makes
    -- posting idempotent. Nonces that sort in time, as clients are asked to send,
    -- keep its writes at its end, however many people post: so nonce before author.
    CREATE TABLE message (
        id INTEGER PRIMARY KEY,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        author INTEGER NOT NULL REFERENCES account,
        at INTEGER NOT NULL,
        nonce TEXT NOT NULL,
        text TEXT NOT NULL,
        UNIQUE (room, seq),
        UNIQUE (nonce, author)
    ) STRICT;

    INSERT INTO room (id, key, name, password, created) VALUES (1, 'general', 'general', '', 0);
    """,
    """
    -- Since when an account may not log in. One that was deleted keeps its row and
    -- its name, so that nobody else can seem to have said what it said.
    ALTER TABLE account ADD COLUMN locked INTEGER;
    ALTER TABLE account ADD COLUMN removed INTEGER;

    -- A room that was deleted is emptied in small steps, long after. `keep` is how
    -- long its messages stay, in milliseconds: 0 for ever, NULL as the server does.
    ALTER TABLE room ADD COLUMN removed INTEGER;
    ALTER TABLE room ADD COLUMN keep INTEGER;

    -- A code that lets one account be made; only its SHA-256 is kept.
    CREATE TABLE invite (
        digest BLOB PRIMARY KEY,
        expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- When a device last came back.
    ALTER TABLE token ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
    UPDATE token SET seen = created;

    -- Wrong passwords of late. `digest` says who guessed at what, in a form of one
    -- length however long the names were that somebody made up.
    CREATE TABLE guess (
        digest BLOB PRIMARY KEY,
        wrong INTEGER NOT NULL,
        at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX guess_at ON guess (at);
    """,
    """
    -- Who may not join a room (`ban`) or not write in it (`mute`); `until` 0 for good.
    CREATE TABLE sanction (
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        kind TEXT NOT NULL,
        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        until INTEGER NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (room, kind, account)
    ) STRICT, WITHOUT ROWID;

    -- A code that lets one person join a room; only its SHA-256 is kept.
    CREATE TABLE room_invite (
        digest BLOB PRIMARY KEY,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX room_invite_room ON room_invite (room);

    -- What owners did. Numbers are not given again when the last one is forgotten:
    -- a client that holds it would take the next for the same.
    CREATE TABLE act (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        at INTEGER NOT NULL,
        by INTEGER NOT NULL REFERENCES account,
        action TEXT NOT NULL,
        whom INTEGER REFERENCES account,
        until INTEGER NOT NULL,
        reason TEXT NOT NULL
    ) STRICT;
    CREATE INDEX act_room ON act (room);
    """,
    """
    -- How far a member has read. Who is one already is not told of the past.
    ALTER TABLE member ADD COLUMN read_seq INTEGER NOT NULL DEFAULT 0;
    UPDATE member SET read_seq = (SELECT last_seq FROM room WHERE room.id = member.room);

    -- Why somebody is not here, if they said so, and when their last device left.
    ALTER TABLE account ADD COLUMN away TEXT NOT NULL DEFAULT '';
    ALTER TABLE account ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;

    -- A room of two has the lower and the higher number of its accounts here.
    ALTER TABLE room ADD COLUMN low INTEGER REFERENCES account;
    ALTER TABLE room ADD COLUMN high INTEGER REFERENCES account;

    -- Whom a message calls by name. It goes with the message: the index on `message`
    -- is for that. The primary key lists what concerned somebody, the other index counts.
    CREATE TABLE mention (
        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
        room INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (account, message)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX mention_message ON mention (message);
    CREATE INDEX mention_count ON mention (account, room, seq);
    """,
    """
    -- What is done to a message is a row of its own: `change` says what (edit, delete
    -- or react), `of` to which number, 0 where it came too late. It holds an emoji in
    -- `text`, and no text: a message's text is in its own row only, to be gone with it.
    ALTER TABLE message ADD COLUMN reply INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE message ADD COLUMN change TEXT NOT NULL DEFAULT '';
    ALTER TABLE message ADD COLUMN of INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE message ADD COLUMN off INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE message ADD COLUMN edited INTEGER;
    ALTER TABLE message ADD COLUMN deleted INTEGER;

    -- Who put which emoji under a message; `id` is the order in which they did.
    CREATE TABLE reaction (
        id INTEGER PRIMARY KEY,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        emoji TEXT NOT NULL,
        account INTEGER NOT NULL REFERENCES account,
        UNIQUE (room, seq, emoji, account)
    ) STRICT;
    CREATE INDEX reaction_order ON reaction (room, seq, emoji, id);
    """,
    """
    -- Who wants no room of two with whom.
    CREATE TABLE block (
        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        blocked INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        PRIMARY KEY (account, blocked)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX block_blocked ON block (blocked);
    """,
]

VERSION: Final = len(MIGRATIONS)
