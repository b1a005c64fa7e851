"""A keyring without a desktop."""


class Ring:
    """A keyring in memory; a locked one raises, one without a backend stores nothing."""

    def __init__(self, state: str = "works") -> None:
        self.state = state
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service_name: str, username: str) -> str | None:
        self._look()
        return self.held.get((service_name, username))

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self._look()
        if self.state == "works":
            self.held[service_name, username] = password

    def delete_password(self, service_name: str, username: str) -> None:
        self._look()
        del self.held[service_name, username]

    def _look(self) -> None:
        if self.state == "locked":
            raise RuntimeError("org.freedesktop.secrets is locked")
