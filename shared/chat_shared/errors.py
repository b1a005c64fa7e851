"""The errors of the protocol.

    ChatError
    ├── LocalProtocolError     our own bug: we tried to send something illegal now
    ├── RemoteProtocolError    the peer's mistake; the connection is over
    │   └── BadFrame           what arrived is not a frame at all
    ├── Refused                the request is not granted; the session goes on
    ├── BadLink                a join link that cannot be read
    └── BadSshKey              a public key that cannot log in

Anything else that escapes is a bug and ends one session at its bulkhead.
"""

from enum import StrEnum


class Code(StrEnum):
    """The code of `error` on the wire, for programs; its sentence is for people."""

    BAD_REQUEST = "bad_request"
    NOT_LOGGED_IN = "not_logged_in"
    ALREADY_LOGGED_IN = "already_logged_in"
    UNKNOWN_ACCOUNT = "unknown_account"
    WRONG_CREDENTIALS = "wrong_credentials"
    NAME_TAKEN = "name_taken"
    BAD_NAME = "bad_name"
    WEAK_PASSWORD = "weak_password"  # noqa: S105 - a code, not a secret
    REGISTRATION_CLOSED = "registration_closed"
    BAD_TOKEN = "bad_token"  # noqa: S105 - a code, not a secret
    ROOM_EXISTS = "room_exists"
    WRONG_ROOM_OR_PASSWORD = "wrong_room_or_password"  # noqa: S105 - a code, not a secret
    NO_SUCH_ROOM = "no_such_room"
    NOT_A_MEMBER = "not_a_member"
    NO_SUCH_MESSAGE = "no_such_message"
    NO_SUCH_FILE = "no_such_file"
    MUTED = "muted"
    BANNED = "banned"
    CANNOT_EXIT_GENERAL = "cannot_exit_general"
    TOO_LONG = "too_long"
    TOO_FAST = "too_fast"
    SERVER_FULL = "server_full"
    SHUTTING_DOWN = "shutting_down"
    FORBIDDEN = "forbidden"
    INTERNAL = "internal"


class ChatError(Exception):
    """The base of this package's errors."""


class LocalProtocolError(ChatError):
    """We tried to send something that is not legal now. Not the peer's fault."""


class RemoteProtocolError(ChatError):
    """The peer broke the rules in a way that cannot be answered request by request."""


class BadFrame(RemoteProtocolError):
    """The bytes are not a frame: too long, not UTF-8, not JSON or not an object."""


class BadLink(ChatError):
    """The text is not a `chat://` link; the message says what is wrong with it."""


class BadSshKey(ChatError):
    """The text is no SSH public key that can log in; the message says why, for the user."""


class Refused(ChatError):
    """A request that was understood and is not granted; `message` tells the user why.

    `re` is the request's number, or None where it could not be read.
    `retry_after` is in seconds, and only where waiting helps. `until` is when a ban or mute
    ends, as the wire has it.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        retry_after: float | None = None,
        re: int | None = None,
        until: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.until = until
        self.re = re
