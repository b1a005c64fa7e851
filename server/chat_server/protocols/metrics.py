"""What Prometheus may know: figures read at the moment it asks, and nobody's name.

Nothing here is counted while people talk: the house keeps a few totals for
its own sake, and this module reads them. Importing it needs the extra
`trialogue[metrics]`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from chat_server.services import Services
from chat_server.store.api import StoreFigures
from chat_server.store.threads import Storage

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_CRASHED: Final = "crashed"


@dataclass(frozen=True, slots=True)
class _Collector:
    """The figures of one moment, as prometheus_client wants them."""

    services: Services
    store: StoreFigures

    def collect(self) -> Iterator[Metric]:
        registry, journal, rooms = (
            self.services.registry,
            self.services.journal.figures,
            self.services.rooms,
        )
        yield _gauge("sessions", "Connections at this moment.", len(registry))
        yield _gauge("accounts_online", "Accounts with a device connected.", len(registry.accounts))
        yield _gauge("accounts", "Accounts that there are.", self.store.accounts)
        yield _gauge("rooms", "Rooms that there are.", self.store.rooms)
        yield _gauge("database_bytes", "Size of the database.", self.store.size)
        yield _counter("posts", "Messages stored since the start.", journal.posts)
        yield _counter("posts_refused", "Messages that could not be stored.", journal.refused)
        yield _counter("deliveries", "Messages told, once for each listener.", rooms.deliveries)
        # Rounds' mean size is posts over rounds, a round's mean wait seconds over rounds.
        yield _counter("journal_rounds", "Commits of messages.", journal.rounds)
        yield _counter(
            "journal_store_seconds",
            "Time that rounds waited for the store.",
            journal.stored_ns / 1_000_000_000,
        )
        yield self._endings()

    def _endings(self) -> Metric:
        ended = CounterMetricFamily(
            "trialogue_sessions_ended", "Sessions that have ended.", labels=["reason"]
        )
        for reason, count in self.services.registry.endings.items():
            ended.add_metric([reason or _CRASHED], count)
        return ended


async def exposition(services: Services, storage: Storage) -> bytes:
    """Return the figures of this moment in Prometheus' text format. Raises StoreError."""
    figures = await storage.read(lambda store: store.figures())
    registry = CollectorRegistry()
    registry.register(_Collector(services, figures))
    return generate_latest(registry)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"trialogue_{name}", meaning, value=value)


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"trialogue_{name}", meaning, value=value)
