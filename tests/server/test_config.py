"""A configuration is validated when it is created."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from chat_server.addresses import (
    BucketAddress,
    TcpAddress,
    UnixAddress,
    check_endpoint,
    check_store_url,
    parse_address,
    parse_bucket,
)
from chat_server.config import Config, Limits
from chat_server.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://127.0.0.1:7667", TcpAddress("127.0.0.1", 7667)),
        ("tcp://chat.example.org:0", TcpAddress("chat.example.org", 0)),
        ("tcp://0.0.0.0:65535", TcpAddress("0.0.0.0", 65535)),
        ("tcp://[::1]:7667", TcpAddress("::1", 7667)),
        ("ssh://[::]:2222", TcpAddress("::", 2222, "ssh")),
        ("https://[::]:7680", TcpAddress("::", 7680, "https")),
        ("http://127.0.0.1:7680", TcpAddress("127.0.0.1", 7680, "http")),
        ("http://unix:/run/web.sock", UnixAddress(Path("/run/web.sock"), "http")),
        ("unix:///run/chat.sock", UnixAddress(Path("/run/chat.sock"))),
        ("unix:///run/with space:1", UnixAddress(Path("/run/with space:1"))),
    ],
)
def test_an_address_is_parsed_and_formatted_back(
    text: str, address: TcpAddress | UnixAddress
) -> None:
    assert parse_address(text) == address
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7667",
        "127.0.0.1:7667",
        "http://127.0.0.1",
        "https://unix:/run/web.sock",
        "ftp://127.0.0.1:7667",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:",
        "tcp://:7667",
        "tcp://::1:7667",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:-1",
        "tcp://127.0.0.1:7667/room",
        "tcp://ada@127.0.0.1:7667",
        "tcp://127.0.0.1:7667\n",
        "unix://",
        "unix:///",
        "unix://relative/path",
    ],
)
def test_anything_else_is_not_an_address(text: str) -> None:
    with pytest.raises(ValueError, match="Use tls://HOST:PORT"):
        parse_address(text)


def test_a_config_parses_its_addresses() -> None:
    config = Config(listen=("tcp://[::1]:1", "unix:///a"))

    assert config.addresses == [TcpAddress("::1", 1), UnixAddress(Path("/a"))]


def test_the_defaults_are_safe() -> None:
    config = Config()

    assert config.durability == "power"
    assert config.log_level == "info"
    assert config.data.is_absolute()


def test_the_default_limits_match_the_protocol_page() -> None:
    limits = Limits()

    assert limits.rooms_per_account == 100
    assert limits.sessions_per_account == 20
    assert (limits.posts, limits.posts_per_second) == (10, 2.0)


def test_a_server_whose_store_others_share_takes_no_files() -> None:
    assert Config().max_file == Limits().max_file
    assert Config(store="postgresql:///chat").max_file == 0


def test_servers_with_one_bucket_take_files_whatever_their_store_is() -> None:
    config = Config(store="postgresql:///chat", bucket="s3://chat/files")

    assert config.max_file == Limits().max_file
    assert config.bucket_address == BucketAddress("chat", "files/")
    assert Config(bucket="s3://chat", limits=Limits(max_file=0)).max_file == 0
    assert Config().bucket_address is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("s3://chat", BucketAddress("chat")),
        ("s3://chat.example-1/a_b/C.d", BucketAddress("chat.example-1", "a_b/C.d/")),
    ],
)
def test_a_bucket_is_parsed_and_formatted_back(text: str, address: BucketAddress) -> None:
    assert parse_bucket(text) == parse_bucket(f"{text}/") == address
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "chat",
            "s3://",
            "s3://c",
            "s3://Chat",
            "s3:/chat",
            "https://chat",
            "s3://key:pw@chat",
        ),
        *("s3://chat//a", "s3://chat/a//b", "s3://chat/../a", "s3://chat/a?b", "s3://chat/a\n"),
    ],
)
def test_anything_else_is_not_a_bucket(text: str) -> None:
    with pytest.raises(ValueError, match="Use s3://BUCKET"):
        parse_bucket(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "storage.example.org", "ftp://storage.example.org", "https://", "https://:9000"),
        *("https://key:secret@storage.example.org", "https://storage.example.org/chat"),
        *("https://storage.example.org?x", "https://storage.example.org:99999"),
        *("https://storage.example.org:0", "https://storage.example.org#x"),
    ],
)
def test_a_service_is_named_by_host_and_port(text: str) -> None:
    check_endpoint("https://storage.example.org:9000/")
    with pytest.raises(ValueError, match="Use https://HOST"):
        check_endpoint(text)


def test_files_cross_a_network_unencrypted_only_if_that_is_wanted() -> None:
    exposed = "http://storage.example.org:9000"

    for local in "http://127.0.0.1:9000", "http://[::1]", "https://storage.example.org":
        Config(bucket="s3://chat", bucket_endpoint=local)
    Config(bucket="s3://chat", bucket_endpoint=exposed, insecure=True)
    with pytest.raises(SettingsError, match="is not encrypted"):
        Config(bucket="s3://chat", bucket_endpoint=exposed)


def test_what_a_bucket_cannot_do_is_refused() -> None:
    with pytest.raises(SettingsError, match="needs --bucket"):
        Config(bucket_endpoint="https://storage.example.org")
    with pytest.raises(SettingsError, match="at most 5,000,000,000 bytes"):
        Config(bucket="s3://chat", limits=Limits(max_file=5_000_000_001))


def test_a_config_does_not_change_while_the_server_runs() -> None:
    with pytest.raises(FrozenInstanceError):
        Config().name = "other"  # type: ignore[misc]


def test_a_data_folder_with_a_path_too_long_for_a_socket_works_without_one() -> None:
    deep = Path("/", *["deep"] * 30)

    assert [str(address) for address in Config(data=deep).addresses] == ["tls://[::]:7667"]


@pytest.mark.parametrize(
    "url", ["postgresql://chat:secret@db/chat", "postgresql:///chat?host=db&password=secret"]
)
def test_a_password_in_the_address_of_the_store_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsError, match=r"~/\.pgpass") as caught:
        Config(store=url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["postgresql:///chat", "postgres://chat@db:5432/chat", "postgresql:///chat?host=a,b"]
)
def test_the_address_of_a_database_is_accepted(url: str) -> None:
    check_store_url(url)
    Config(store=url)


@pytest.mark.parametrize(
    "url", ["", "chat", "mysql://db/chat", "postgresql:chat", "postgresql://[x/"]
)
def test_what_is_no_address_of_a_database_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="Use postgresql://"):
        check_store_url(url)
