"""The metrics for Prometheus: read when it asks, and free of names.

Nothing is counted here: the services keep a few totals of their own, and this
module reads them. Importing it needs the extra `trialogue[metrics]`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from chat_server.services import Services
from chat_server.store.api import StoreFigures
from chat_server.store.threads import Storage

if TYPE_CHECKING:
    from chat_server.store.postgresql.replication import Standby

_COUNTED: Final = 1_000  # unneeded blobs at the most: more is as bad

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Collector:
    """Collects the current values for prometheus_client."""

    services: Services
    store: StoreFigures
    file_bytes: int
    unneeded_blobs: int

    def collect(self) -> Iterator[Metric]:
        yield from self._gauges()
        yield from self._counters()
        yield from self._files()
        yield self._sessions_ended()
        yield from self._parts()

    def _gauges(self) -> Iterator[Metric]:
        registry = self.services.registry
        yield _gauge("sessions", "Open connections.", len(registry))
        yield _gauge(
            "accounts_online",
            "Accounts with at least one device connected.",
            len(registry.online_accounts),
        )
        yield _gauge(
            "backlog_bytes", "Bytes queued for slow readers.", self.services.backlogs.queued
        )
        yield _gauge("accounts", "Registered accounts.", self.store.accounts)
        yield _gauge("rooms", "Rooms, without DM rooms.", self.store.rooms)
        yield _gauge("database_bytes", "Size of the database in bytes.", self.store.size)

    def _counters(self) -> Iterator[Metric]:
        journal = self.services.journal.figures
        yield _counter("posts", "Messages stored since the server started.", journal.posts)
        yield _counter(
            "posts_refused",
            "Messages that could not be stored since the server started.",
            journal.refused,
        )
        yield _counter(
            "deliveries",
            "Messages sent, once per receiving session.",
            self.services.rooms.deliveries,
        )
        # The mean batch size is posts over batches; the mean wait is seconds over batches.
        yield _counter("journal_batches", "Batches of messages committed.", journal.batches)
        yield _counter(
            "journal_store_seconds",
            "Seconds that batches waited for the store.",
            journal.stored_ns / 1_000_000_000,
        )

    def _files(self) -> Iterator[Metric]:
        transfers = self.services.transfers
        yield _gauge("file_bytes", "Bytes of all files, in messages and uploads.", self.file_bytes)
        yield _gauge("transfers", "Files that are uploaded or downloaded now.", len(transfers))
        yield _gauge(
            "unneeded_blobs",
            f"Contents of deleted files still on disk, {_COUNTED:,} at most.",
            self.unneeded_blobs,
        )
        figures = transfers.figures
        yield _counter("file_bytes_received", "Bytes of files uploaded.", figures.received)
        yield _counter("file_bytes_sent", "Bytes of files downloaded.", figures.sent)

    def _sessions_ended(self) -> Metric:
        ended = CounterMetricFamily(
            "trialogue_sessions_ended", "Sessions that ended, by reason.", labels=["reason"]
        )
        for reason, count in self.services.registry.disconnects.items():
            ended.add_metric([reason], count)
        return ended

    def _parts(self) -> tuple[Metric, Metric]:
        running = GaugeMetricFamily(
            "trialogue_part_running", "Whether a part of the server runs.", labels=["part"]
        )
        failures = CounterMetricFamily(
            "trialogue_part_failures",
            "How often a part of the server failed since the server started.",
            labels=["part"],
        )
        for part in self.services.parts:
            running.add_metric([part.name], int(part.running))
            failures.add_metric([part.name], part.failures)
        return running, failures


async def exposition(services: Services, storage: Storage) -> bytes:
    """Return the current metrics in Prometheus' text format. Raises StoreError."""
    figures, file_bytes, unneeded = await storage.read(
        lambda store: (store.figures(), store.file_bytes(), len(store.unneeded_blobs(_COUNTED)))
    )
    registry = CollectorRegistry()
    registry.register(_Collector(services, figures, file_bytes, unneeded))
    return generate_latest(registry)


def role_exposition(
    *, leads: bool, epoch: int, standbys: "tuple[Standby, ...] | None" = None
) -> bytes:
    """Return what a server with a store in PostgreSQL is to the others with the same store.

    And what it knows of the `standbys` of the database.
    """
    registry = CollectorRegistry()
    registry.register(_Role(leads, epoch))
    if standbys is not None:
        registry.register(_Replication(standbys))
    return generate_latest(registry)


@dataclass(frozen=True, slots=True)
class _Role:
    """Collects the same for prometheus_client."""

    leads: bool
    epoch: int

    def collect(self) -> Iterator[Metric]:
        yield _gauge("leader", "Whether this server leads those with its store.", self.leads)
        yield _gauge("epoch", "How often a server began to lead.", self.epoch)


@dataclass(frozen=True, slots=True)
class _Replication:
    """Collects what is known of the standbys of the database."""

    standbys: "tuple[Standby, ...]"

    def collect(self) -> Iterator[Metric]:
        yield _gauge(
            "synchronous_standbys",
            "Standbys of the database that are connected and that commits wait for.",
            sum(standby.is_synchronous for standby in self.standbys),
        )
        lag = GaugeMetricFamily(
            "trialogue_standby_lag_bytes",
            "Bytes that a standby of the database does not have on its disk yet.",
            labels=["standby"],
        )
        for standby in self.standbys:
            lag.add_metric([standby.name], standby.lag)
        yield lag


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"trialogue_{name}", help_text, value=value)


def _counter(name: str, help_text: str, value: float) -> Metric:
    return CounterMetricFamily(f"trialogue_{name}", help_text, value=value)
