"""Whatever happens to uploads and files: every blob is needed, or known as unneeded, or gone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, TypeAlias

from hypothesis import given, settings, strategies as st

from chat_server.store.api import GENERAL_ROOM, Store
from chat_server.store.api.files import blob_key, counted
from support.engines import Engine
from support.posts import change
from support.stored_files import begin, post_files

KITCHEN: Final = 2
ROOMS: Final = (GENERAL_ROOM, KITCHEN)
SIZES: Final = {"soup": 5_000, "stew": 0, "bread": 9_000}  # of each content

_Step: TypeAlias = tuple[str, int, int, int]


@dataclass
class File:
    id: int
    account: int
    room: int
    name: str
    content: str
    blob: int = 0  # of whose upload; 0 until it is whole
    seq: int = 0  # 0 until it is posted

    @property
    def digest(self) -> bytes:
        return sha256(self.content.encode()).digest()

    def key(self, upload: int) -> str:
        return blob_key(self.digest, upload)


@dataclass
class Model:
    """What is in `store`, and the `disk` on which a server would keep the blobs."""

    store: Store
    files: list[File] = field(default_factory=list)
    disk: set[str] = field(default_factory=set)

    def uploads(self) -> list[File]:
        return [file for file in self.files if not file.seq]

    def blobs(self) -> set[str]:
        return {file.key(file.blob) for file in self.files if file.blob}

    # --- steps; each takes three numbers and makes of them what it needs

    def begin(self, account: int, place: int, content: int) -> None:
        account, room = 1 + account % 2, ROOMS[place % 2]
        name, text = f"{place}.pdf", [*SIZES][content % 3]
        upload = begin(self.store, account, text, name=name, size=SIZES[text], room=room)
        same = [
            file
            for file in self.uploads()
            if (file.account, file.room, file.name, file.content) == (account, room, name, text)
        ]
        if same:
            assert [file.id for file in same] == [upload.id]
            assert upload.whole == bool(same[0].blob)
        else:
            assert all(file.id < upload.id for file in self.files)
            self.files.append(File(upload.id, account, room, name, text))

    def put(self, which: int, *_: int) -> None:
        """Store the content of an upload, and be killed then."""
        for file in self._some(self.uploads(), which):
            if not file.blob:
                self.disk.add(file.key(file.id))

    def complete(self, which: int, *_: int) -> None:
        self.put(which)
        for file in self._some(self.uploads(), which):
            key = self.store.complete_upload(file.id, "")
            among = {file.key(file.id)} | {
                other.key(other.blob)
                for other in self.files
                if other.blob and other.content == file.content
            }
            assert key in among
            file.blob = int(key.partition(".")[2])
            assert key in self.disk

    def mend(self, which: int, *_: int) -> None:
        """Complete an upload of content that the disk has lost."""
        self.put(which)
        for file in self._some(self.uploads(), which):
            lost = self.store.same_content(file.digest, SIZES[file.content])
            if file.blob or lost is None:
                continue
            self.disk.discard(lost)
            assert self.store.complete_upload(file.id, "", lost) == file.key(file.id)
            for other in self.files:
                if other.blob and other.key(other.blob) == lost:
                    other.blob = file.id
            file.blob = file.id

    def remove(self, which: int, *_: int) -> None:
        for file in self._some(self.files, which):
            self.store.remove_upload(file.id)
            if not file.seq:
                self.files.remove(file)

    def post(self, first: int, second: int, place: int) -> None:
        room = ROOMS[place % 2]
        named = [*self._some(self.files, first), *self._some(self.files, second)]
        account = named[0].account if named else 1
        ids = dict.fromkeys(file.id for file in named)
        seq = post_files(self.store, account, *ids, room=room).seq
        for file in named:
            if file.blob and not file.seq and (file.account, file.room) == (account, room):
                file.seq = seq

    def delete(self, seq: int, place: int, *_: int) -> None:
        ada = self.store.account("ada")
        assert ada
        room = ROOMS[place % 2]
        change(self.store, ada, "delete", seq, room=room)
        self._forget(lambda file: file.room == room and file.seq == seq > 0)

    def expire(self, limit: int, place: int, *_: int) -> None:
        room = ROOMS[place % 2]
        self.store.remove_old_messages(room, 2**40, 1 + limit)
        kept = self.store.messages_after(room, 0, 1)
        first = kept[0].seq if kept else 2**40
        self._forget(lambda file: file.room == room and 0 < file.seq < first)

    def sweep(self, limit: int, *_: int) -> None:
        keys = self.store.unneeded_blobs(1 + limit)
        self.disk -= {*keys}
        self.store.forget_blobs(keys)

    # --- what holds

    def check(self) -> None:
        assert {key for key, *_ in self.store.blobs("", 100)} == self.blobs()
        assert not self.blobs() & {*self.store.unneeded_blobs(100)}
        assert self.store.file_bytes() == sum(counted(SIZES[file.content]) for file in self.files)
        for room in ROOMS:
            shown = {
                (message.seq, file.id)
                for message in self.store.messages_after(room, 0, 100)
                for file in message.files
            }
            here = [file for file in self.files if file.seq and file.room == room]
            assert shown == {(file.seq, file.id) for file in here}
        for file in self.files:
            stored = self.store.stored_file(file.id)
            assert (stored and stored.blob) == (file.key(file.blob) if file.seq else None)

    def end(self) -> None:
        """Remove every upload, and sweep: only blobs of files are left."""
        for id in self.store.old_uploads(2**40, 100):
            self.store.remove_upload(id)
        self.files = [file for file in self.files if file.seq]
        self.sweep(100)
        self.check()
        assert self.disk == self.blobs()

    def _some(self, files: list[File], which: int) -> list[File]:
        return files[which % len(files) :][:1] if files else []

    def _forget(self, gone: Callable[[File], bool]) -> None:
        self.files = [file for file in self.files if not gone(file)]


_KINDS: Final = ("begin", "begin", "put", "complete", "complete", "mend", "remove", "post", "post")
_STEPS: Final = st.tuples(
    st.sampled_from([*_KINDS, "delete", "expire", "sweep"]), *[st.integers(0, 5)] * 3
)


@settings(max_examples=30)
@given(steps=st.lists(_STEPS, max_size=30))
def test_no_blob_is_lost_or_leaked(engine: Engine, steps: list[_Step]) -> None:
    with engine.database() as database:
        model = Model(database.store)
        for name in "ada", "ben":
            database.store.add_account(name, name, "", at=1)
        database.store.add_room("kitchen", "kitchen", 1, "", at=1)
        for kind, *numbers in steps:
            getattr(model, kind)(*numbers)
            assert model.blobs() <= model.disk
        model.check()
        model.end()
