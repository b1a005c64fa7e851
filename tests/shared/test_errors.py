"""The tree drawn in `errors.py` is the class hierarchy, and the codes are those on the wire."""

import inspect
import re

import pytest

from chat_shared import errors
from chat_shared.errors import (
    BadFrame,
    BadLink,
    ChatError,
    Code,
    LocalProtocolError,
    Refused,
    RemoteProtocolError,
)

_CODES = """
    bad_request not_logged_in already_logged_in unknown_account wrong_credentials name_taken
    bad_name weak_password registration_closed bad_token room_exists wrong_room_or_password
    no_such_room not_a_member no_such_message no_such_file muted banned cannot_exit_general too_long
    too_fast server_full shutting_down forbidden internal
"""


def _drawn() -> dict[str, str]:
    """Return child → parent, read from the drawing: four columns a generation."""
    parents: dict[str, str] = {}
    line_of_descent: list[str] = []
    drawing = re.findall(r"^([ │├└─]{4,})(\w+)", inspect.getdoc(errors) or "", re.MULTILINE)
    for branches, name in drawing:
        del line_of_descent[len(branches) // 4 - 1 :]
        parents[name] = line_of_descent[-1] if line_of_descent else "Exception"
        line_of_descent.append(name)
    return parents


def test_the_codes_are_those_that_the_protocol_names() -> None:
    assert [code.value for code in Code] == _CODES.split()


def test_every_code_is_written_in_capitals_in_code() -> None:
    assert all(code.name == code.value.upper() for code in Code)


def test_a_code_is_its_own_text() -> None:
    assert f"{Code.TOO_FAST}" == "too_fast"


def test_the_drawn_tree_is_the_class_hierarchy() -> None:
    classes = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)]

    assert _drawn() == {
        cls.__name__: str(cls.__base__ and cls.__base__.__name__)
        for cls in classes
        if issubclass(cls, Exception)
    }


def test_only_a_broken_connection_is_a_remote_protocol_error() -> None:
    assert issubclass(BadFrame, RemoteProtocolError)
    for other in (LocalProtocolError, Refused, BadLink):
        assert issubclass(other, ChatError)
        assert not issubclass(other, RemoteProtocolError)


def test_a_refusal_carries_what_the_answer_needs() -> None:
    refused = Refused(Code.TOO_FAST, "Wait a little.", retry_after=1.5, re=7)

    assert str(refused) == refused.message == "Wait a little."
    assert (refused.code, refused.retry_after, refused.re) == (Code.TOO_FAST, 1.5, 7)


def test_a_refusal_has_no_request_and_no_time_by_default() -> None:
    with pytest.raises(Refused, match=r"^No\.$") as caught:
        raise Refused(Code.FORBIDDEN, "No.")

    assert caught.value.re is caught.value.retry_after is None
