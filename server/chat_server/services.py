"""The services of a running server, which requests and protocols use, and how they are wired."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import trio

from chat_server import clock
from chat_server.accounts.accounts import Accounts
from chat_server.accounts.passwords import Passwords
from chat_server.accounts.preferences import AccountPreferences
from chat_server.config import Config, Limits
from chat_server.data_folder import FILES, INCOMING
from chat_server.files.blobs import Blobs
from chat_server.files.bucket import BUCKET_SLOTS
from chat_server.files.downloads import Downloads
from chat_server.files.places import blobs_at
from chat_server.files.spool import Spool
from chat_server.files.threads import SLOTS, FileThreads
from chat_server.files.transfers import TransferLimits, Transfers
from chat_server.files.uploads import Uploads
from chat_server.messages.catch_up import CatchUp
from chat_server.messages.changes import Changes
from chat_server.messages.history import MessageHistory
from chat_server.messages.journal import Journal
from chat_server.messages.missed import MissedMessages
from chat_server.messages.read_state import ReadState
from chat_server.messages.search import Search
from chat_server.net.backlogs import Backlogs
from chat_server.net.files import connections_that_fit
from chat_server.net.public import PublicAddresses
from chat_server.net.readiness import Readiness
from chat_server.rooms.audit import Audit
from chat_server.rooms.direct import DirectMessages
from chat_server.rooms.directory import Rooms
from chat_server.rooms.guests import Guests
from chat_server.rooms.hooks import Hooks
from chat_server.rooms.invitations import Invitations
from chat_server.rooms.membership import Membership
from chat_server.rooms.moderation import Moderation
from chat_server.rooms.ownership import Ownership
from chat_server.rooms.presence import PresenceTracker
from chat_server.rooms.room import Room
from chat_server.sessions.rate_limits import Rates
from chat_server.sessions.registry import SessionRegistry
from chat_server.sessions.session import Session
from chat_server.store.api import FileBounds
from chat_server.store.threads import Storage
from chat_server.tasks.parts import Parts


@dataclass(frozen=True, slots=True)
class Services:
    """One of each, shared by all sessions."""

    accounts: Accounts
    readiness: Readiness
    audit: Audit
    backlogs: Backlogs
    catch_up: CatchUp
    changes: Changes
    direct_messages: DirectMessages
    downloads: Downloads
    file_threads: FileThreads
    guests: Guests
    history: MessageHistory
    hooks: Hooks
    invitations: Invitations
    journal: Journal
    membership: Membership
    moderation: Moderation
    ownership: Ownership
    parts: Parts
    preferences: AccountPreferences
    presence: PresenceTracker
    public: PublicAddresses
    read_state: ReadState
    registry: SessionRegistry
    rooms: Rooms
    search: Search
    transfers: Transfers
    uploads: Uploads

    async def run(self) -> None:
        """Run the tasks that serve all sessions, until `close` and what is pending then.

        Raises ServerFailedError.
        """
        run = self.parts.run
        async with trio.open_nursery() as readiness:
            readiness.start_soon(run, "readiness", self.readiness.run, 0)  # else nothing is read
            async with trio.open_nursery() as nursery:
                nursery.start_soon(run, "journal", self.journal.run, 0)  # posts are waiting
                nursery.start_soon(run, "sessions", self.accounts.sessions.run)
                nursery.start_soon(run, "read state", self.read_state.run)
                nursery.start_soon(run, "presence", self.presence.run)
                nursery.start_soon(run, "guests", self.guests.run)
                nursery.start_soon(self.file_threads.run)
            readiness.cancel_scope.cancel()

    def close(self) -> None:
        """Make `run` end, once what is pending is done."""
        self.parts.close()
        self.journal.close()
        self.accounts.sessions.close()
        self.read_state.close()
        self.presence.close()
        self.guests.close()
        self.file_threads.close()

    def is_in_use(self, direct: Room) -> bool:
        """Return whether a direct message must stay in memory."""
        online = map(self.registry.is_online, direct.participants)
        return any(online) or self.journal.has_pending(direct)

    @contextmanager
    def connected(self, session: Session) -> Generator[None]:
        """Count `session` during the block, and detach it from everything at the end.

        Raises Refused (shutting_down, server_full).
        """
        try:
            with self.registry.connected(session):
                try:
                    yield
                finally:
                    if session.account is not None:
                        for room in self.rooms.of(session.account):
                            room.detach(session)
        finally:
            self.presence.session_ended(session)
            self.transfers.end_all(session)


async def build_services(
    config: Config,
    storage: Storage,
    passwords: Passwords | None = None,
    now: Callable[[], int] = clock.now,
) -> Services:
    """Return the services of a server on `storage`; `now` is its time of day.

    Raises StoreError, and StartError for an extra that is missing.
    """
    registry = _build_registry(config.limits)
    passwords = passwords or Passwords()
    rooms = Rooms(storage, passwords, per_account=config.limits.rooms_per_account, now=now)
    await rooms.load()
    read_state = ReadState(storage, registry)
    presence = PresenceTracker(storage, registry, rooms, now)
    journal = Journal(storage, now)
    invitations = Invitations(rooms, storage, now, config.registration, config.limits.invitations)
    accounts = _build_accounts(config, storage, passwords, now, invitations)
    membership = Membership(rooms, storage, passwords, journal.wait_published, now)
    moderation = Moderation(registry, rooms, storage, passwords, journal.wait_published, now)
    uploads = _build_uploads(config, storage, moderation, now)
    return Services(
        accounts=accounts,
        membership=membership,
        guests=Guests(
            accounts,
            membership,
            registry,
            rooms,
            storage,
            passwords,
            journal.wait_published,
            now,
            allowed=config.guest_links,
        ),
        readiness=Readiness(),
        audit=Audit(storage),
        backlogs=Backlogs(config.limits.backlog_bytes),
        moderation=moderation,
        history=MessageHistory(storage, presence.describe),
        hooks=Hooks(registry, rooms, storage, now),
        invitations=invitations,
        catch_up=CatchUp(registry, rooms, MissedMessages(storage), read_state, presence, now),
        preferences=AccountPreferences(storage),
        presence=presence,
        public=PublicAddresses(),
        changes=Changes(storage),
        direct_messages=DirectMessages(rooms, registry, storage, journal.wait_published, now),
        downloads=Downloads(storage, uploads.threads, uploads.blobs),
        file_threads=uploads.threads,
        registry=registry,
        journal=journal,
        parts=Parts(),
        read_state=read_state,
        rooms=rooms,
        search=Search(journal),
        ownership=Ownership(registry, rooms, storage, now),
        transfers=_build_transfers(config.limits),
        uploads=uploads,
    )


def _build_registry(limits: Limits) -> SessionRegistry:
    return SessionRegistry(
        most=connections_that_fit(limits.connections),
        most_per_address=limits.connections_per_address,
        most_per_account=limits.sessions_per_account,
        rates=Rates(
            limits.posts, limits.posts_per_second, limits.requests, limits.requests_per_second
        ),
    )


def _build_accounts(
    config: Config,
    storage: Storage,
    passwords: Passwords,
    now: Callable[[], int],
    invitations: Invitations,
) -> Accounts:
    return Accounts(
        storage,
        passwords,
        registration=config.registration,
        tokens=config.limits.sessions_per_account,
        now=now,
        add_invited=invitations.add_account,
        by_members=config.limits.invitations > 0,
        registrations=config.limits.registrations,
    )


def _build_uploads(
    config: Config, storage: Storage, moderation: Moderation, now: Callable[[], int]
) -> Uploads:
    limits, folder = config.limits, config.data / FILES
    return Uploads(
        storage,
        FileThreads(SLOTS if config.bucket is None else BUCKET_SLOTS),
        Spool(folder / INCOMING, limits.free_disk),
        _build_blobs(config),
        moderation,
        now,
        config.max_file,
        FileBounds(limits.file_bytes_per_account, limits.file_bytes, limits.uploads),
    )


def _build_blobs(config: Config) -> Blobs:
    """Return where the content of files is kept. Raises StartError."""
    # A block for each that reads at the same time, so that they do not take them from each other.
    blocks = config.limits.transfers
    return blobs_at(config.data / FILES, config.bucket, config.bucket_endpoint, blocks)


def _build_transfers(limits: Limits) -> Transfers:
    return Transfers(
        TransferLimits(
            limits.transfers,
            limits.transfers_per_account,
            limits.transfer_burst,
            limits.transfer_bytes_per_second,
        )
    )
