"""What a client may use of the computer that it runs on."""

from dataclasses import dataclass, replace
from typing import Final

from chat_tui.commands.keys import Key


@dataclass(frozen=True, slots=True)
class Premises:
    """Everything that depends on whose computer it is; the client asks here and nowhere else."""

    chooses_server: bool
    """People connect to any address, and follow links to other servers."""
    has_programs: bool
    """There are an editor, a browser and a shell to return to, and they are the person's own."""
    keeps_log_in: bool
    """A log-in may last beyond the end of the client."""
    keeps_settings: bool
    """Settings and drafts are on this computer; elsewhere the server keeps them, by account."""
    has_files: bool
    """The files of this computer are the person's own: they can be sent, and others saved here."""
    has_page: bool
    """A page in the person's browser shows the client: it chooses files to send, and saves some."""
    animates: bool
    """Drawing costs nobody else: things may move by themselves, such as a cursor that blinks."""

    def offers(self, key: Key) -> bool:
        """Return whether what `key` does is possible here."""
        return (self.has_programs or not key.needs_programs) and (
            self.has_files or self.has_page or not key.needs_files
        )


OWN_COMPUTER: Final = Premises(
    chooses_server=True,
    has_programs=True,
    keeps_log_in=True,
    keeps_settings=True,
    has_files=True,
    has_page=False,
    animates=True,
)

# Somebody else's: one server, and nothing of the computer itself. Otherwise its network and its
# files would be open to everyone who may chat.
KIOSK: Final = Premises(
    chooses_server=False,
    has_programs=False,
    keeps_log_in=False,
    keeps_settings=False,
    has_files=False,
    has_page=False,
    animates=False,
)

IN_BROWSER: Final = replace(KIOSK, has_page=True)

NO_FILES_HERE: Final = (
    "The client runs on the server's computer here, where you have no files. "
    "To send, open and save files, use chat-tui on your own computer."
)
ONLY_SAVED: Final = "In a browser, files can only be saved. Press s to save it."
CHOSEN_IN_PAGE: Final = (
    "In a browser, paths can't be typed. Type /upload alone to choose files, drop them onto the "
    "page, or paste a picture."
)
NO_EXPORT_HERE: Final = (
    "A room is exported to a folder of your own computer. Use chat-tui there, and not over ssh or "
    "in a browser."
)
LOG_IN_TO_SEND: Final = "Log in first, then choose the files to send."
CHOOSE_AGAIN: Final = "To send the files as well, choose them again."
