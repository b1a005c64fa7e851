from collections.abc import Iterable

from chat_shared import messages as m
from chat_tui.model.audit_log import AuditLog


def entry(id: int) -> m.AuditEntry:
    return m.AuditEntry(id, f"2026-11-22T09:{id:02}:00.000Z", "Cleo", "kick", "ben")


def page(ids: Iterable[int], *, more: bool = False) -> m.AuditPage:
    return m.AuditPage("kitchen", [entry(id) for id in ids], more, re=1)


def test_the_newest_page_is_asked_for_once_per_connection() -> None:
    log = AuditLog()

    request = log.request("kitchen", "")
    assert request == m.Audit(id=1, room="kitchen")
    assert log.request("kitchen", "") is None  # it is under way
    assert log.answered(request, page([3, 2, 1]))
    assert log.request("kitchen", "") is None
    assert sorted(log.entries) == [1, 2, 3]

    log.forget_newest()
    again = log.request("kitchen", "")
    assert again == m.Audit(id=1, room="kitchen")
    assert not log.answered(again, page([3, 2, 1]))


def test_older_pages_are_asked_for_as_far_back_as_there_are_messages() -> None:
    log = AuditLog()
    newest = log.request("kitchen", "2026-11-22T09:30:00.000Z")
    assert newest is not None
    log.answered(newest, page([50, 40], more=True))

    older = log.request("kitchen", "2026-11-22T09:30:00.000Z")
    assert older == m.Audit(id=1, room="kitchen", before=40)
    log.answered(older, page([35, 25], more=True))
    assert log.request("kitchen", "2026-11-22T09:30:00.000Z") is None
    assert log.request("kitchen", "") == m.Audit(id=1, room="kitchen", before=25)


def test_after_an_error_it_waits_for_the_next_connection_and_a_lost_one_is_asked_again() -> None:
    log, request = AuditLog(), m.Audit(id=1, room="kitchen")
    assert log.request("kitchen", "") == request

    log.answered(request, None)
    assert log.request("kitchen", "") == request
    log.answered(request, m.Error("internal", "No.", 1))
    assert log.request("kitchen", "") is None


def test_a_server_that_repeats_itself_is_not_asked_in_a_loop() -> None:
    log = AuditLog()
    for _ in range(2):
        request = log.request("kitchen", "")
        assert request is not None
        log.answered(request, page([9, 8], more=True))

    assert log.request("kitchen", "") is None


def test_nothing_is_asked_of_direct_messages() -> None:
    assert AuditLog().request("@1-2", "") is None
    assert AuditLog().request("general", "") is not None


def test_of_too_many_the_oldest_go() -> None:
    log = AuditLog()
    for id in range(1, 1_003):
        log.receive(m.AuditEntry(id, "2026-11-22T09:00:00.000Z", "Cleo", "topic"))

    assert (len(log.entries), min(log.entries)) == (1_000, 3)
