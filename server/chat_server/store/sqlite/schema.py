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

    -- Tokens log a device in without a password; only their SHA-256 is kept.
    CREATE TABLE token (
        digest BLOB PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        created INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX token_account ON token (account, created);

    -- `last_seq` is kept here and not computed from `message`, so that a seq is
    -- never reused, whatever is deleted later.
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
    -- `locked`: since when an account may not log in. A deleted one keeps its row and its
    -- name, so that nobody else can seem to have written its messages.
    ALTER TABLE account ADD COLUMN locked INTEGER;
    ALTER TABLE account ADD COLUMN removed INTEGER;

    -- A deleted room is purged in small steps, later. `keep` is how long messages
    -- stay, in milliseconds: 0 for ever, NULL as the server does.
    ALTER TABLE room ADD COLUMN removed INTEGER;
    ALTER TABLE room ADD COLUMN keep INTEGER;

    -- A code allows one registration; only its SHA-256 is kept.
    CREATE TABLE invite (
        digest BLOB PRIMARY KEY,
        expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- When a token was last used.
    ALTER TABLE token ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
    UPDATE token SET seen = created;

    -- Recent wrong passwords. `digest` stands for who tried which account, in a form of
    -- one length however long the names are that an attacker makes up.
    CREATE TABLE guess (
        digest BLOB PRIMARY KEY,
        wrong INTEGER NOT NULL,
        at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX guess_at ON guess (at);
    """,
    """
    -- Bans from a room and mutes in it; `until` is 0 until lifted.
    CREATE TABLE sanction (
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        kind TEXT NOT NULL,
        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        until INTEGER NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (room, kind, account)
    ) STRICT, WITHOUT ROWID;

    -- A code lets one account join a room; only its SHA-256 is kept.
    CREATE TABLE room_invite (
        digest BLOB PRIMARY KEY,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX room_invite_room ON room_invite (room);

    -- The audit log. Ids are not reused when the newest entry is removed: a client
    -- that holds it would take the next one for the same.
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
    -- How far a member has read. Existing members begin with everything read.
    ALTER TABLE member ADD COLUMN read_seq INTEGER NOT NULL DEFAULT 0;
    UPDATE member SET read_seq = (SELECT last_seq FROM room WHERE room.id = member.room);

    -- The away message, and when the last device disconnected.
    ALTER TABLE account ADD COLUMN away TEXT NOT NULL DEFAULT '';
    ALTER TABLE account ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;

    -- A direct room has the lower and the higher id of its participants here.
    ALTER TABLE room ADD COLUMN low INTEGER REFERENCES account;
    ALTER TABLE room ADD COLUMN high INTEGER REFERENCES account;

    -- Members mentioned by a message. They go with the message: the index on `message` is
    -- for that. The primary key lists the mentions of an account, the other index counts.
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
    -- A change to a message is a row of its own: `change` is edit, delete or react, `of`
    -- the seq of its message, 0 if it came too late. A reaction has its emoji in `text`;
    -- an edit has no text: a message's text is in its own row only, to be gone with it.
    ALTER TABLE message ADD COLUMN reply INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE message ADD COLUMN change TEXT NOT NULL DEFAULT '';
    ALTER TABLE message ADD COLUMN of INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE message ADD COLUMN off INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE message ADD COLUMN edited INTEGER;
    ALTER TABLE message ADD COLUMN deleted INTEGER;

    -- Reactions to a message, in the order of their `id`.
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
    -- Accounts that block direct messages, and whom they block.
    CREATE TABLE block (
        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        blocked INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        PRIMARY KEY (account, blocked)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX block_blocked ON block (blocked);
    """,
    """
    -- Names only. SQLite renames references to a table with it, but no indexes.
    ALTER TABLE guess RENAME TO login_attempt;
    ALTER TABLE login_attempt RENAME COLUMN wrong TO failed;
    DROP INDEX guess_at;
    CREATE INDEX login_attempt_at ON login_attempt (at);

    ALTER TABLE act RENAME TO audit;
    ALTER TABLE audit RENAME COLUMN whom TO target;
    DROP INDEX act_room;
    CREATE INDEX audit_room ON audit (room);
    """,
    """
    -- The time of a room's newest message: the next one's is no earlier, whatever the clock
    -- does. `clock` is what the clock said instead, where it was behind.
    ALTER TABLE room ADD COLUMN last_at INTEGER NOT NULL DEFAULT 0;
    UPDATE room SET last_at = coalesce(
        (SELECT at FROM message WHERE message.room = room.id ORDER BY seq DESC LIMIT 1), 0
    );
    ALTER TABLE message ADD COLUMN clock INTEGER;

    -- One row: the time up to which things may have expired, 0 until the first look at the
    -- clock. It follows the clock, but not its leaps; `waited` is for how many milliseconds
    -- the server has run since a leap.
    CREATE TABLE expiry (time INTEGER NOT NULL, waited INTEGER NOT NULL) STRICT;
    INSERT INTO expiry VALUES (0, 0);
    """,
    """
    -- What last used a token, and from where: for its account to recognize the device.
    ALTER TABLE token ADD COLUMN client TEXT NOT NULL DEFAULT '';
    ALTER TABLE token ADD COLUMN address TEXT NOT NULL DEFAULT '';
    """,
    """
    -- SSH keys that log in to accounts. `digest` is the SHA-256 of the public key, which is all
    -- that is needed to recognize it; `used` is NULL until it first logs in.
    CREATE TABLE ssh_key (
        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        digest BLOB NOT NULL,
        kind TEXT NOT NULL,
        comment TEXT NOT NULL,
        added INTEGER NOT NULL,
        used INTEGER,
        PRIMARY KEY (account, digest)
    ) STRICT, WITHOUT ROWID;

    -- The key that a token was given for; empty for a password.
    ALTER TABLE token ADD COLUMN ssh_key BLOB NOT NULL DEFAULT x'';
    """,
    """
    -- Who made an invitation to a room, and when, so that it can be listed and revoked. Only
    -- owners could make those from before, which were valid for a week. Ids are not reused.
    ALTER TABLE room_invite RENAME TO old_invite;
    CREATE TABLE room_invite (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        digest BLOB NOT NULL UNIQUE,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        by INTEGER NOT NULL REFERENCES account,
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL
    ) STRICT;
    INSERT INTO room_invite (digest, room, by, created, expires)
        SELECT digest, room, owner, expires - 604800000, expires
        FROM old_invite JOIN room ON room.id = room WHERE owner IS NOT NULL ORDER BY expires;
    DROP TABLE old_invite;
    CREATE INDEX room_invite_room ON room_invite (room);
    CREATE INDEX room_invite_by ON room_invite (by);
    """,
    """
    -- What the devices of an account share: settings and unsent drafts, by names of the clients.
    CREATE TABLE preference (
        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (account, name)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- How many guests an invitation lets in at a time; 0 for one that is for one person.
    ALTER TABLE room_invite ADD COLUMN guests INTEGER NOT NULL DEFAULT 0;

    -- When a guest's account ends, and the id of the invitation they came by; NULL for other
    -- accounts. Both stay when it has ended, since its messages are still a guest's.
    ALTER TABLE account ADD COLUMN guest_until INTEGER;
    ALTER TABLE account ADD COLUMN guest_invite INTEGER;
    CREATE INDEX account_guest ON account (guest_invite)
        WHERE guest_until IS NOT NULL AND removed IS NULL;
    """,
    """
    -- Files of messages, and uploads, which have no `seq` yet: `place` is a file's among those of
    -- its message. The content is outside of the database: `blob` is the file by whose digest and
    -- id it is found there, which may be another one with the same content, and is NULL until all
    -- of it is there. Ids are not reused, so no such place is. Rooms do not take their files with
    -- them, since each one that goes must leave its blob to be removed.
    CREATE TABLE file (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL REFERENCES account,
        room INTEGER NOT NULL REFERENCES room,
        begun INTEGER NOT NULL,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        digest BLOB NOT NULL,
        type TEXT NOT NULL DEFAULT '',
        blob INTEGER,
        seq INTEGER,
        place INTEGER,
        UNIQUE (room, seq, place)
    ) STRICT;
    CREATE INDEX file_upload ON file (account) WHERE seq IS NULL;
    CREATE INDEX file_blob ON file (digest, blob) WHERE blob IS NOT NULL;

    -- Keys of blobs that no file has any more.
    CREATE TABLE unneeded_blob (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

    -- The bytes of an account's files and uploads: a sum over many would keep messages waiting.
    CREATE TABLE file_usage (
        account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
        bytes INTEGER NOT NULL
    ) STRICT;

    -- How many files a message has, so that pages look for them only where there are any.
    ALTER TABLE message ADD COLUMN files INTEGER NOT NULL DEFAULT 0;
    """,
    """
    -- Hooks, by which programs post to a room. Each is an account of its own, which nobody can log
    -- in to; `digest` is the SHA-256 of its code. Ids are not reused.
    CREATE TABLE hook (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL UNIQUE REFERENCES account ON DELETE CASCADE,
        room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
        digest BLOB NOT NULL UNIQUE,
        by INTEGER NOT NULL REFERENCES account,
        created INTEGER NOT NULL,
        used INTEGER
    ) STRICT;
    CREATE INDEX hook_room ON hook (room);
    """,
]

VERSION: Final = len(MIGRATIONS)
