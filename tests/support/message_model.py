"""A model of the messages of one room: what the store promises, in a few lines of Python."""

from dataclasses import dataclass, field
from typing import Final

from msgspec import structs

from chat_server.store.api import (
    GENERAL_ROOM,
    Draft,
    MessageRecord,
    ReactionRecord,
    Receipt,
    Span,
    TargetRecord,
    Unread,
)
from chat_shared.reactions import reaction_key

KITCHEN: Final = 2
NAMES: Final = {1: "Ada", 2: "Ben", 3: "Cleo"}
MEMBERS: Final = {GENERAL_ROOM: ["Ada", "Ben", "Cleo"], KITCHEN: ["Ada", "Cleo"]}


@dataclass
class Message:
    draft: Draft
    seq: int
    at: int
    text: str
    mentions: list[str] | None
    edited: int | None = None
    deleted: bool = False
    reactions: list[tuple[str, str]] = field(default_factory=list)  # emoji and name, oldest first

    def spelling(self, emoji: str) -> str:
        """Return `emoji` as it was spelt first at this message."""
        known = [one for one, _ in self.reactions if reaction_key(one) == reaction_key(emoji)]
        return (known or [emoji])[0]

    def react(self, reaction: tuple[str, str], *, off: bool) -> None:
        if off and reaction in self.reactions:
            self.reactions.remove(reaction)
        elif not off and reaction not in self.reactions:
            self.reactions.append(reaction)

    def grouped(self, viewer: str, names: int) -> list[ReactionRecord]:
        who: dict[str, list[str]] = {}
        for emoji, name in self.reactions:
            who.setdefault(emoji, []).append(name)
        return [ReactionRecord(e, len(all), all[:names], viewer in all) for e, all in who.items()]


class Room:
    """One room, from its first message on."""

    def __init__(self, id: int, name: str) -> None:
        self.id = id
        self.name = name
        self.messages: list[Message] = []

    def append(self, draft: Draft, at: int) -> Receipt:
        """Append a draft whose nonce is new; return its receipt, without an audit entry."""
        at = max([at, *(message.at for message in self.messages)])
        author = NAMES[draft.author]
        emoji, late = self._apply(draft, at) if draft.change else ("", False)
        mentions = None if draft.change else self._mentioned(draft.text, author)
        text = "" if draft.change == "edit" else emoji or draft.text
        draft = structs.replace(draft, text=text, of=0 if late else draft.of)
        seq = len(self.messages) + 1
        self.messages.append(Message(draft, seq, at, text, mentions))
        return Receipt(self.id, seq, at, fresh=True, late=late, emoji=emoji, mentions=mentions)

    def _apply(self, draft: Draft, at: int) -> tuple[str, bool]:
        """Make a change; return the emoji of a reaction, and whether the change came too late."""
        emoji = draft.text if draft.change == "react" else ""
        message = self.messages[draft.of - 1] if 0 < draft.of <= len(self.messages) else None
        if message is None or message.draft.change or message.deleted:
            return emoji, True
        if draft.change == "edit":
            message.text, message.edited = draft.text, at
            message.mentions = message.mentions or []
        elif draft.change == "delete":
            message.text, message.deleted, message.reactions = "", True, []
            message.mentions = None
        else:
            emoji = message.spelling(emoji)
            message.react((emoji, NAMES[draft.author]), off=draft.off)
        return emoji, False

    def _mentioned(self, text: str, author: str) -> list[str] | None:
        named = [name for name in MEMBERS[self.id] if f"@{name.lower()}" in text]
        return [name for name in named if name != author] if "@" in text else None

    def records(self) -> list[MessageRecord]:
        return [self._record(message) for message in self.messages]

    def _record(self, message: Message) -> MessageRecord:
        draft, text = message.draft, message.text
        if draft.change == "edit":
            text = self.messages[draft.of - 1].text if draft.of else ""
        return MessageRecord(
            *(message.seq, NAMES[draft.author], text, message.at, draft.nonce, draft.reply),
            *(message.edited, message.deleted, draft.change, draft.of, draft.off),
            mentions=message.mentions,
        )

    def target(self, seq: int) -> TargetRecord | None:
        for message in self.messages[seq - 1 : seq] if seq else []:
            emojis = frozenset(emoji for emoji, _ in message.reactions)
            return TargetRecord(message.draft.author, message.draft.change, message.deleted, emojis)
        return None

    def reactions(self, seqs: set[int], viewer: int, names: int) -> dict[int, list[ReactionRecord]]:
        return {
            message.seq: message.grouped(NAMES[viewer], names)
            for message in self.messages
            if message.seq in seqs and message.reactions
        }

    def unread(self, span: Span) -> Unread:
        among = [
            message
            for message in self.messages[span.after : span.upto]
            if message.draft.author != span.account
            and not (message.draft.change or message.deleted)
        ]
        me = NAMES[span.account]
        return Unread(len(among), sum(me in (message.mentions or []) for message in among))

    def mentions(self, account: int) -> list[tuple[str, int, str]]:
        return [
            (self.name, message.seq, message.text)
            for message in self.messages
            if NAMES[account] in (message.mentions or [])
        ]
