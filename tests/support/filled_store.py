"""A store with something in every table, and in every column that may have it."""

from chat_server.store.api import (
    GENERAL_ROOM,
    AuditDraft,
    Draft,
    Expiry,
    FileBounds,
    GuestCounts,
    SshKeyRecord,
    Store,
    TokenUse,
    UploadRecord,
)

YEAR = 365 * 24 * 3_600_000  # milliseconds

# What an engine could change on the way: quotes, escapes, separators, and every width of UTF-8.
TEXTS = (
    "",
    "\\N",
    "tab\there, new\nline, carriage\r\nreturn, back\\slash",
    'it\'s "quoted"; -- and DROP TABLE message',
    "é ж 日 😀 👩\u200d👩\u200d👧 e\u0301 \ufeff \U0010ffff",
    " spaces at both ends ",
    "\x01\x7f\x85\u2028",
    "x" * 10_000,
    "@ben and @cleo, have a look",
)


def fill(store: Store) -> None:
    ada = store.add_account("ada", "Ada", "hash of 'ada'", at=1).id
    ben = store.add_account("ben", "Ben", "hash", at=2).id
    cleo = store.add_account("cleo", "Cleo", "hash", at=3).id
    store.set_locked(cleo, at=4)
    store.remove_account(store.add_account("dora", "Dora", "hash", at=5).id, at=6)

    every_byte = bytes(range(256))
    store.add_token(every_byte[:32], ada, at=6, keep=5)
    store.set_token_uses({every_byte[:32]: TokenUse(7, "chat-tui 1", "192.0.2.1")})
    store.add_ssh_key(ben, SshKeyRecord(every_byte[224:], "ssh-ed25519", "ben's laptop", 8), 5)
    store.add_ssh_key(ben, SshKeyRecord(every_byte[32:64], "ssh-rsa", "", 8), 5)
    store.add_token_by_ssh_key(every_byte[64:96], ben, every_byte[224:], at=9, keep=5)
    store.set_login_attempts(every_byte[96:128], 3, at=10)
    store.set_preferences(ada, {"theme": "dark", "draft:kitchen": TEXTS[3]})
    store.add_invite(every_byte[128:160], at=10, expires=YEAR)

    kitchen = store.add_room("kitchen", "Kitchen", ada, "hash", at=11).id
    store.set_keep(kitchen, YEAR)
    store.set_topic(AuditDraft(kitchen, ada, "set_topic", 12), "soup")
    store.remove_room(store.add_room("cellar", "Cellar", ben, "hash", at=11).id, at=12)
    direct = store.open_direct(ada, ben, at=13).id
    store.block(cleo, ada, limit=5)
    store.impose(AuditDraft(kitchen, ada, "mute", 14, ben, YEAR, "loud"), "mute", 5)

    for digest, guests in ((every_byte[160:192], 3), (every_byte[192:224], 0)):
        store.add_room_invite(
            AuditDraft(kitchen, ada, "invite", 15, until=YEAR), digest, 5, guests=guests
        )
    store.add_guest("guest", "Guest", 16, YEAR, every_byte[160:192], GuestCounts(5, 5))
    store.add_hook(AuditDraft(kitchen, ada, "create_hook", 17), "a (hook)", every_byte[1:33], 5)
    store.add_hook(AuditDraft(kitchen, ada, "create_hook", 17), "c (hook)", every_byte[3:35], 5)
    store.open_hook(every_byte[3:35], 18)
    newest_hook, _ = store.add_hook(
        AuditDraft(kitchen, ada, "create_hook", 1), "b (hook)", every_byte[2:34], 5
    )
    store.remove_hook(AuditDraft(kitchen, ada, "remove_hook", 1), newest_hook.id)
    # The newest id of some tables is that of no row any more.
    newest = max(store.room_invites(kitchen, None, 17), key=lambda invite: invite.id)
    store.remove_room_invite(AuditDraft(kitchen, ada, "revoke", 1), newest.id, None)
    store.remove_old_audit_entries(kitchen, 2, 1)

    drafts = [Draft(GENERAL_ROOM, ada, text, f"n{n}") for n, text in enumerate(TEXTS)]
    store.append(drafts, 20)
    store.append([Draft(direct, ben, "to you alone", "d1", reply=0)], 21)
    store.append([Draft(GENERAL_ROOM, ben, "an answer", "r1", reply=2)], 10)  # the clock was set
    changes = (
        Draft(GENERAL_ROOM, ada, "edited @ben", "c1", change="edit", of=1),
        Draft(GENERAL_ROOM, ada, "", "c2", change="delete", of=2),
        Draft(GENERAL_ROOM, ben, "👍", "c3", change="react", of=3),
        Draft(GENERAL_ROOM, ada, "👍", "c4", change="react", of=3),
        Draft(GENERAL_ROOM, ada, "👍", "c5", change="react", of=3, off=True),
    )
    store.append(changes, 22)
    _fill_files(store, ada, kitchen)
    store.set_read({(ada, GENERAL_ROOM): 3})
    store.set_expiry(Expiry(23, 24))


def _fill_files(store: Store, author: int, room: int) -> None:
    """Make files, uploads that are whole and that are not, and blobs that nobody needs."""
    names = (TEXTS[3], "soup.png", "half.zip", "copy.png", "gone.txt")
    soup, other = bytes(range(32)), bytes(32)
    bounds = FileBounds(2**40, 2**40, 9)
    uploads = [
        store.begin_upload(UploadRecord(0, author, room, name, 2**32, digest), 25, bounds).id
        for name, digest in zip(names, (soup, soup, other, soup, other), strict=True)
    ]
    for upload in uploads[0], uploads[1], uploads[3]:
        store.complete_upload(upload, "image/png")
    store.append([Draft(room, author, "", "f1", files=(*uploads[1::-1],))], 26)
    store.remove_upload(uploads[4])  # so the newest id is that of no row any more
